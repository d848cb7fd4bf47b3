package service

import (
	"fmt"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/lookout"
)

// checkGathering looks at what has several events make one run, beyond what its
// schema says.
func checkGathering(d ordinaut.Definition) error {
	var faults ordinaut.Errors
	if d.ScheduleKind != ordinaut.ScheduleEvent {
		faults.Add(onlyEvents(d, "event_batch", d.EventBatch != nil))
		faults.Add(onlyEvents(d, "event_debounce_seconds", d.EventDebounceSeconds != 0))
		return faults.Err()
	}
	if d.EventBatch == nil {
		return nil
	}
	if _, err := lookout.ParsePer(d.EventBatch.Per); err != nil {
		faults.Add(ordinaut.AsError(err).Moved("/event_batch/per"))
	}
	return faults.Err()
}

// onlyEvents refuses a field in a task that no event triggers.
func onlyEvents(d ordinaut.Definition, field string, sent bool) error {
	if !sent {
		return nil
	}
	return &ordinaut.Error{
		Code: ordinaut.CodeScheduleEvent, At: "/" + field,
		Message: fmt.Sprintf("%s gathers events, and a schedule of kind %s has none", field, d.ScheduleKind),
		Fix:     "leave it out, or make schedule_kind event",
	}
}
