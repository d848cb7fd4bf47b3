package schedule

import (
	"testing"
	"time"

	"github.com/ordinaut/ordinaut"
)

func TestPreviewShowsWhatIsLeftOutAndDoesNotCountIt(t *testing.T) {
	t.Parallel()
	rule := mustCompile(t, ordinaut.Schedule{
		Kind: ordinaut.ScheduleCron, Expr: "30 2 * * *", Timezone: "America/New_York", Gap: ordinaut.GapSkip,
	})
	got, err := Preview(rule, instant("2026-03-07T00:00:00Z"), 2)
	if err != nil || len(got) != 3 {
		t.Fatalf("got %d occurrences, %v, want 3", len(got), err)
	}
	for i, skip := range []ordinaut.Reason{"", ordinaut.ReasonDSTGap, ""} {
		if got[i].Skip != skip {
			t.Errorf("occurrence %d: got skip %q, want %q", i, got[i].Skip, skip)
		}
	}
}

func TestPreviewIsStrictlyAfter(t *testing.T) {
	t.Parallel()
	rule := mustCompile(t, ordinaut.Schedule{Kind: ordinaut.ScheduleCron, Expr: "0 9 * * *"})
	got, err := Preview(rule, instant("2026-03-04T09:00:00Z"), 1)
	if err != nil || len(got) != 1 || !got[0].At.Equal(instant("2026-03-05T09:00:00Z")) {
		t.Errorf("got %v, %v, want 5 March", got, err)
	}
}

func TestPreviewEndsWithTheSchedule(t *testing.T) {
	t.Parallel()
	ends := instant("2026-03-06T09:00:00Z")
	rule := mustCompile(t, ordinaut.Schedule{Kind: ordinaut.ScheduleCron, Expr: "0 9 * * *", EndsAt: &ends})
	got, err := Preview(rule, instant("2026-03-04T00:00:00Z"), 10)
	if err != nil || len(got) != 3 {
		t.Errorf("got %d occurrences, %v, want 3", len(got), err)
	}
	if got, err := Preview(rule, ends, 10); err != nil || len(got) != 0 {
		t.Errorf("after the end: got %v, %v, want none", got, err)
	}
	if got, err := Preview(rule, time.Time{}, 0); err != nil || len(got) != 0 {
		t.Errorf("of none: got %v, %v, want none", got, err)
	}
}

// A schedule that lies wholly in gaps shows that, and not nothing for ever.
func TestPreviewEndsWhereNothingFires(t *testing.T) {
	t.Parallel()
	rule := mustCompile(t, ordinaut.Schedule{
		Kind: ordinaut.ScheduleCron, Expr: "30 2 * 3 SUN#2", Timezone: "America/New_York", Gap: ordinaut.GapSkip,
	})
	got, err := Preview(rule, instant("2026-01-01T00:00:00Z"), 3)
	if len(got) == 0 || err != nil && len(got) < 3 {
		t.Fatalf("got %d occurrences, %v", len(got), err)
	}
	for _, o := range got {
		if o.Skip != ordinaut.ReasonDSTGap {
			t.Errorf("%s: got skip %q, want %q", o.At, o.Skip, ordinaut.ReasonDSTGap)
		}
	}
}
