package schedule

import (
	"strings"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/expr"
)

// Condition is an expression over what a probe answers. It never changes, and
// many goroutines may ask it at once.
type Condition struct {
	text string
	expr *expr.Expr
}

// ParseCondition reads the expression of a schedule of kind condition.
func ParseCondition(text string) (*Condition, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return nil, &ordinaut.Error{
			Code: ordinaut.CodeScheduleCondition, At: "/schedule_expr",
			Message: "a condition needs an expression over what its probe answers",
			Fix:     "write one; @ is the whole answer", Examples: []string{"body.stock > 0", "length(@) > 0"},
		}
	}
	parsed, err := expr.Parse(text)
	if err != nil {
		return nil, inExpression(err)
	}
	return &Condition{text, parsed}, nil
}

// Holds says whether the condition is true of an answer at a time, in a zone.
func (c *Condition) Holds(answer any, now time.Time, zone *time.Location) (bool, error) {
	v, err := c.expr.Search(&expr.Env{Now: now, Zone: zone}, answer)
	return err == nil && expr.Truthy(v), err
}

// condition fires whenever its expression becomes true: no time of it is known
// beforehand.
type condition struct{ *Condition }

func compileCondition(s spec) (calendar, error) {
	c, err := ParseCondition(s.expr)
	if err != nil {
		return nil, err
	}
	return condition{c}, nil
}

func (condition) next(time.Time, *budget) (ordinaut.Occurrence, bool, error) {
	return ordinaut.Occurrence{}, false, nil
}

func (condition) prev(time.Time, *budget) (ordinaut.Occurrence, bool, error) {
	return ordinaut.Occurrence{}, false, nil
}

func (c condition) canonical() string { return c.text }

func (c condition) sentence() string { return "when " + c.text + " becomes true" }
