package schedule

import (
	"strings"

	"github.com/ordinaut/ordinaut"
)

// A kind is one way to say when.
type kind struct {
	name     ordinaut.ScheduleKind
	compile  func(spec) (calendar, error)
	onDemand bool // it never fires by itself
}

// kinds lists every kind there is; a new one is added here.
func kinds() []kind {
	return []kind{
		{name: ordinaut.ScheduleCron, compile: compileCron},
		{name: ordinaut.ScheduleRRule, compile: compileRRule},
		{name: ordinaut.ScheduleOnce, compile: compileOnce},
		{name: ordinaut.ScheduleInterval, compile: compileInterval},
		{name: ordinaut.ScheduleEvent, compile: compileEvent, onDemand: true},
		{name: ordinaut.ScheduleCondition, compile: compileCondition, onDemand: true},
		{name: ordinaut.ScheduleManual, compile: compileManual, onDemand: true},
	}
}

func findKind(name ordinaut.ScheduleKind) (kind, error) {
	var names []string
	for _, k := range kinds() {
		if k.name == name {
			return k, nil
		}
		names = append(names, string(k.name))
	}
	fault := &ordinaut.Error{
		Code:     ordinaut.CodeScheduleKind,
		At:       "/schedule_kind",
		Sent:     string(name),
		Message:  "there is no such kind of schedule",
		Fix:      "use one of " + strings.Join(names, ", "),
		Examples: names,
	}
	if near := ordinaut.Nearest(string(name), names); near != "" {
		fault.Fix = "did you mean " + near + "? The kinds are " + strings.Join(names, ", ")
	}
	return kind{}, fault
}
