package schedule

import (
	"strings"
	"time"

	"github.com/ordinaut/ordinaut"
)

// manual never fires by itself: its task runs when somebody asks.
type manual struct{}

func compileManual(s spec) (calendar, error) {
	if strings.TrimSpace(s.expr) == "" {
		return manual{}, nil
	}
	return nil, &ordinaut.Error{
		Code:    ordinaut.CodeScheduleManual,
		At:      "/schedule_expr",
		Sent:    s.expr,
		Message: "a manual schedule has no expression",
		Fix:     "leave schedule_expr out, or send the schedule_kind that the expression belongs to",
	}
}

func (manual) next(time.Time, *budget) (ordinaut.Occurrence, bool, error) {
	return ordinaut.Occurrence{}, false, nil
}

func (manual) prev(time.Time, *budget) (ordinaut.Occurrence, bool, error) {
	return ordinaut.Occurrence{}, false, nil
}

func (manual) canonical() string { return "" }

func (manual) sentence() string { return "only when somebody runs it" }
