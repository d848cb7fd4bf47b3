package schedule

import (
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/lookout"
)

// event fires whenever something happens: no time of it is known beforehand.
type event struct{ lookout *lookout.Lookout }

func compileEvent(s spec) (calendar, error) {
	l, err := lookout.Parse(s.expr)
	if err != nil {
		return nil, inExpression(err)
	}
	return event{l}, nil
}

func (event) next(time.Time, *budget) (ordinaut.Occurrence, bool, error) {
	return ordinaut.Occurrence{}, false, nil
}

func (event) prev(time.Time, *budget) (ordinaut.Occurrence, bool, error) {
	return ordinaut.Occurrence{}, false, nil
}

func (e event) canonical() string { return e.lookout.String() }

func (e event) sentence() string { return "on " + e.lookout.Sentence() }
