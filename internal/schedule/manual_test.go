package schedule

import (
	"errors"
	"testing"
	"time"

	"github.com/ordinaut/ordinaut"
)

func TestManualNeverFiresByItself(t *testing.T) {
	t.Parallel()
	rule := mustCompile(t, ordinaut.Schedule{Kind: ordinaut.ScheduleManual, Expr: " "})
	if o, ok, err := rule.Next(time.Time{}); ok || err != nil {
		t.Errorf("next: got %v, %v, want nothing", o, err)
	}
	if o, ok, err := rule.Prev(instant("2100-01-01T00:00:00Z")); ok || err != nil {
		t.Errorf("prev: got %v, %v, want nothing", o, err)
	}
	if next, done, err := First(rule, ordinaut.Task{ID: "task-1"}); next != nil || done || err != nil {
		t.Errorf("first: got %v, %t, %v, want neither a fire nor an end", next, done, err)
	}
	if got := rule.Canonical(); got != "" {
		t.Errorf("canonical form: got %q, want none", got)
	}
}

func TestManualRefusesAnExpression(t *testing.T) {
	t.Parallel()
	_, err := Compile(ordinaut.Schedule{Kind: ordinaut.ScheduleManual, Expr: "0 9 * * *"})
	if !errors.Is(err, &ordinaut.Error{Code: ordinaut.CodeScheduleManual}) {
		t.Errorf("got %v, want %s", err, ordinaut.CodeScheduleManual)
	}
}
