package schedule

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// A spec is what a kind compiles: the expression, and what surrounds it.
type spec struct {
	expr      string
	zone      *time.Location // where wall-clock times are placed
	zoneSent  bool           // the caller named the zone
	anchor    time.Time      // where what has no beginning of its own begins
	starts    *time.Time
	gap       ordinaut.GapPolicy
	repeat    ordinaut.RepeatPolicy
	runIfPast bool
}

// specOf checks what surrounds the expression and fills in what was left out.
// It gives a usable spec even with its faults, so that those of the expression
// can be told as well.
func specOf(s ordinaut.Schedule) (spec, error) {
	var faults ordinaut.Errors
	zone, zoneFault := LoadZone(cmp.Or(s.Timezone, s.DefaultZone))
	faults.Add(zoneFault)
	if zoneFault != nil {
		zone = time.UTC
	}
	gap, err := oneOf("/gap", s.Gap, ordinaut.GapShift, ordinaut.GapNextValid, ordinaut.GapSkip)
	faults.Add(err)
	repeat, err := oneOf("/repeat", s.Repeat, ordinaut.RepeatFirst, ordinaut.RepeatLast, ordinaut.RepeatBoth)
	faults.Add(err)
	faults.Add(checkBounds(s))
	faults.Add(checkLength(s.Expr))
	return spec{
		expr:      s.Expr,
		zone:      zone,
		zoneSent:  s.Timezone != "" && zoneFault == nil,
		anchor:    s.Anchor.UTC(),
		starts:    s.StartsAt,
		gap:       gap,
		repeat:    repeat,
		runIfPast: s.RunIfPast,
	}, faults.Err()
}

func checkBounds(s ordinaut.Schedule) error {
	if s.StartsAt == nil || s.EndsAt == nil || !s.EndsAt.Before(*s.StartsAt) {
		return nil
	}
	return &ordinaut.Error{
		Code:    ordinaut.CodeScheduleBounds,
		At:      "/ends_at",
		Sent:    s.EndsAt.Format(time.RFC3339),
		Message: "ends_at lies before starts_at",
		Fix:     "exchange the two, or leave one out",
	}
}

func checkLength(expr string) error {
	if len(expr) <= limits.ExprBytes {
		return nil
	}
	return &ordinaut.Error{
		Code:    ordinaut.CodeExprTooLong,
		At:      "/schedule_expr",
		Message: fmt.Sprintf("the expression has %d bytes, and may have %d", len(expr), limits.ExprBytes),
		Fix:     "shorten it, or divide it between several tasks",
	}
}

// oneOf gives the policy that was sent, or the first one when none was.
func oneOf[P ~string](at string, sent P, policies ...P) (P, error) {
	var names []string
	for _, p := range policies {
		if p == sent {
			return p, nil
		}
		names = append(names, string(p))
	}
	if sent == "" {
		return policies[0], nil
	}
	return policies[0], &ordinaut.Error{
		Code:     ordinaut.CodeFieldValue,
		At:       at,
		Sent:     string(sent),
		Message:  "there is no such policy",
		Fix:      "use one of " + strings.Join(names, ", "),
		Examples: names,
	}
}

// in is the spec in the zone that the expression names. That zone wins over a
// default, and may not contradict one that the caller sent.
func (s spec) in(name string) (spec, error) {
	zone, err := LoadZone(name)
	if err != nil {
		return s, inExpression(err)
	}
	if s.zoneSent && s.zone.String() != zone.String() {
		return s, &ordinaut.Error{
			Code:     ordinaut.CodeScheduleZoneClash,
			At:       "/timezone",
			Sent:     s.zone.String(),
			Message:  "the expression names the time zone " + zone.String() + ", and timezone another",
			Fix:      "leave timezone out, or send the zone of the expression",
			Examples: []string{zone.String()},
		}
	}
	s.zone, s.zoneSent = zone, true
	return s, nil
}

// inExpression is a fault of the expression instead of the field it is mostly
// found in.
func inExpression(err error) error {
	fault := *ordinaut.AsError(err)
	fault.At = "/schedule_expr"
	return &fault
}
