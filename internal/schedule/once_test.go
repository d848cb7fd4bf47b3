package schedule

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ordinaut/ordinaut"
)

func TestOnceFiresWhenItWasTold(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ expr, zone, canonical, at string }{
		{"2027-03-28T02:30:00Z", "", "2027-03-28T02:30:00Z", "2027-03-28T02:30:00Z"},
		{"2027-03-28T02:30Z", "Asia/Tokyo", "2027-03-28T02:30:00Z", "2027-03-28T02:30:00Z"},
		{"2027-03-28 02:30:00+02:00", "", "2027-03-28T00:30:00Z", "2027-03-28T00:30:00Z"},
		{"2027-03-28t02:30:00.250z", "", "2027-03-28T02:30:00.25Z", "2027-03-28T02:30:00.25Z"},
		{"2027-06-01T02:30", "", "2027-06-01T02:30:00", "2027-06-01T02:30:00Z"},
		{"2027-06-01T02:30", "Asia/Tokyo", "2027-06-01T02:30:00", "2027-05-31T17:30:00Z"},
		{" 2027-06-01 02:30:15 ", "Asia/Tokyo", "2027-06-01T02:30:15", "2027-05-31T17:30:15Z"},
		{"2027-06-01T02:30[Europe/Chisinau]", "", "2027-06-01T02:30:00", "2027-05-31T23:30:00Z"},
		{"2027-06-01T02:30[!Europe/Chisinau]", "Europe/Chisinau", "2027-06-01T02:30:00", "2027-05-31T23:30:00Z"},
		{"2027-06-01T02:30+03:00[Europe/Chisinau]", "", "2027-05-31T23:30:00Z", "2027-05-31T23:30:00Z"},
		{"2027-06-01T02:30Z[Europe/Chisinau]", "", "2027-06-01T02:30:00Z", "2027-06-01T02:30:00Z"},
	} {
		t.Run(c.expr, func(t *testing.T) {
			t.Parallel()
			rule := mustCompile(t, ordinaut.Schedule{Kind: ordinaut.ScheduleOnce, Expr: c.expr, Timezone: c.zone})
			want, _ := time.Parse(time.RFC3339Nano, c.at)
			if got := rule.Canonical(); got != c.canonical {
				t.Errorf("canonical form: got %s, want %s", got, c.canonical)
			}
			next, ok, err := rule.Next(want.Add(-1))
			if err != nil || !ok || !next.At.Equal(want) {
				t.Errorf("next: got %s, %t, %v, want %s", next.At, ok, err, want)
			}
			prev, ok, err := rule.Prev(want.Add(1))
			if err != nil || !ok || !prev.At.Equal(want) {
				t.Errorf("prev: got %s, %t, %v, want %s", prev.At, ok, err, want)
			}
			if next, ok, err := rule.Next(want); ok || err != nil {
				t.Errorf("after it: got %s, %v, want nothing", next.At, err)
			}
			if prev, ok, err := rule.Prev(want); ok || err != nil {
				t.Errorf("before it: got %s, %v, want nothing", prev.At, err)
			}
		})
	}
}

// In Chisinau, clocks jump from 02:00 to 03:00 on 28 March 2027, and back from
// 03:00 to 02:00 on 31 October.
func TestOnceObeysThePoliciesOfClockChanges(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		wall   string
		gap    ordinaut.GapPolicy
		repeat ordinaut.RepeatPolicy
		want   []string
	}{
		{"2027-03-28T02:30", ordinaut.GapShift, "", []string{"2027-03-28T03:30:00+03:00"}},
		{"2027-03-28T02:30", ordinaut.GapNextValid, "", []string{"2027-03-28T03:00:00+03:00"}},
		{"2027-03-28T02:30", ordinaut.GapSkip, "", []string{"2027-03-28T03:30:00+03:00 dst_gap"}},
		{"2027-10-31T02:30", "", ordinaut.RepeatFirst, []string{"2027-10-31T02:30:00+03:00"}},
		{"2027-10-31T02:30", "", ordinaut.RepeatLast, []string{"2027-10-31T02:30:00+02:00"}},
		{"2027-10-31T02:30", "", ordinaut.RepeatBoth, []string{"2027-10-31T02:30:00+03:00", "2027-10-31T02:30:00+02:00"}},
	} {
		rule := mustCompile(t, ordinaut.Schedule{
			Kind: ordinaut.ScheduleOnce, Expr: c.wall, Timezone: "Europe/Chisinau", Gap: c.gap, Repeat: c.repeat,
		})
		list, err := Preview(rule, instant("2027-01-01T00:00:00Z"), 5)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, o := range list {
			got = append(got, strings.TrimSpace(o.At.In(rule.Location()).Format(time.RFC3339)+" "+string(o.Skip)))
		}
		if strings.Join(got, ", ") != strings.Join(c.want, ", ") {
			t.Errorf("%s, gap %q, repeat %q: got %s, want %s", c.wall, c.gap, c.repeat, got, c.want)
		}
	}
}

func TestOnceFaultsAreForPeople(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	for _, expr := range []string{
		"", "2027-03-28", "2027-02-30T09:00", "2027-13-01", "2027-03-28T25:00", "tomorrow at 9", "1806193800", "28.03.2027 09:00",
		"2027-03-28T09:00:00+02:00[Europe/Chisinau", "2027-03-28T09:00[u-ca=hebrew]", "2027-03-28T09:00[]",
		"2027-03-28T09:00+01:00[Europe/Chisinau]", "2027-03-28T09:00[Europe/Chisinow]",
	} {
		_, err := Compile(ordinaut.Schedule{Kind: ordinaut.ScheduleOnce, Expr: expr})
		if err == nil {
			t.Errorf("%q is accepted", expr)
			continue
		}
		fault := ordinaut.AsError(err)
		fmt.Fprintf(&text, "%s\n    %s: %s\n        %s\n", expr, fault.Code, fault.Message, fault.Fix)
		if fault.At != "/schedule_expr" || fault.Fix == "" || len(fault.Examples) == 0 {
			t.Errorf("%q: the fault lacks its place, mend or examples: %+v", expr, fault)
		}
	}
	golden(t, "once_faults.txt", text.String())
}

func TestOnceRefusesASecondZone(t *testing.T) {
	t.Parallel()
	_, err := Compile(ordinaut.Schedule{Kind: ordinaut.ScheduleOnce, Expr: "2027-06-01T02:30[Europe/Chisinau]", Timezone: "Asia/Tokyo"})
	if !errors.Is(err, &ordinaut.Error{Code: ordinaut.CodeScheduleZoneClash}) {
		t.Errorf("got %v, want %s", err, ordinaut.CodeScheduleZoneClash)
	}
}
