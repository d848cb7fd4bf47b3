package schedule

import (
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// Preview lists the next n fires strictly after a time. Occurrences that do not
// fire stand among them, each with its reason, and do not count towards n. The
// list ends early where the schedule does. An error says that the search for a
// further one reached its limit; what was found before it is given as well.
func Preview(r *Rule, after time.Time, n int) ([]ordinaut.Occurrence, error) {
	var list []ordinaut.Occurrence
	// Some schedules hardly ever fire: 02:30 on a day on which clocks change.
	for fires := 0; fires < n && len(list) < n+limits.PreviewMax; {
		o, ok, err := r.Next(after)
		if err != nil || !ok {
			return list, err
		}
		list = append(list, o)
		if o.Skip == "" {
			fires++
		}
		after = o.At
	}
	return list, nil
}
