package schedule

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ordinaut/ordinaut"
)

func TestCronHasOneSpelling(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ expr, want string }{
		{"30 8 * * MON-FRI", "30 8 * * 1-5"},
		{"30 8 * * mon,tue,wed,thu,fri", "30 8 * * 1-5"},
		{"  30\t8  * * 5,1-3,4 ", "30 8 * * 1-5"},
		{"0 0 0 1 1 *", "0 0 1 1 *"},
		{"15 30 8 * * *", "15 30 8 * * *"},
		{"*/10 * * * * *", "*/10 * * * * *"},
		{"0,15,30,45 * * * *", "*/15 * * * *"},
		{"5/15 * * * *", "5,20,35,50 * * * *"},
		{"0-59 * * * *", "* * * * *"},
		{"*/1 */1 */1 */1 */1", "* * * * *"},
		{"0 0-23 * * *", "0 0-23 * * *"},
		{"0 */2 * * *", "0 */2 * * *"},
		{"0 0-23/2 * * *", "0 0,2,4,6,8,10,12,14,16,18,20,22 * * *"},
		{"0 */20,5 * * *", "0 */20,5 * * *"},
		{"0 5,*/20 * * *", "0 0,5,20 * * *"},
		{"0 0 ? * MON", "0 0 * * 1"},
		{"0 0 1 * ?", "0 0 1 * *"},
		{"0 0 * JAN,dec *", "0 0 * 1,12 *"},
		{"0 0 * 1,4,7,10 *", "0 0 * */3 *"},
		{"0 0 * * 7", "0 0 * * 0"},
		{"0 0 * * 5-7", "0 0 * * 0,5,6"},
		{"0 0 * * SUN-SAT", "0 0 * * *"},
		{"0 0 * * FRI-MON", "0 0 * * 0,1,5,6"},
		{"0 22-2 * * *", "0 0-2,22,23 * * *"},
		{"45-15/15 * * * *", "0,15,45 * * * *"},
		{"0 0 * NOV-FEB *", "0 0 * 1,2,11,12 *"},
		{"0 0 L * *", "0 0 L * *"},
		{"0 0 LW,15W,l-3,1 * *", "0 0 1,L-3,15W,LW * *"},
		{"0 0 * * FRIL", "0 0 * * 5L"},
		{"0 0 * * 7L", "0 0 * * 0L"},
		{"0 0 * * mon#2,5,7#1", "0 0 * * 5,0#1,1#2"},
		{"0 0 1-31 * *", "0 0 * * *"},
		{"0 0 1-31 * MON", "0 0 1-31 * 1"},
		{"0 0 1-31/2 * *", "0 0 */2 * *"},
		{"0 0 1-31/2 * MON", "0 0 1,3,5,7,9,11,13,15,17,19,21,23,25,27,29,31 * 1"},
		{"0 0 */2 * MON", "0 0 */2 * 1"},
		{"0 0 1 * */2", "0 0 1 * */2"},
		{"@hourly", "0 * * * *"},
		{"@daily", "0 0 * * *"},
		{"@Midnight", "0 0 * * *"},
		{"@weekly", "0 0 * * 0"},
		{"@monthly", "0 0 1 * *"},
		{"@yearly", "0 0 1 1 *"},
		{"@annually", "0 0 1 1 *"},
		{"CRON_TZ=Europe/Berlin 0 9 * * *", "0 9 * * *"},
		{"TZ=Europe/Berlin\t@daily", "0 0 * * *"},
	} {
		t.Run(c.expr, func(t *testing.T) {
			t.Parallel()
			got := mustCompile(t, ordinaut.Schedule{Kind: ordinaut.ScheduleCron, Expr: c.expr}).Canonical()
			if got != c.want {
				t.Fatalf("canonical form of %q: got %q, want %q", c.expr, got, c.want)
			}
			again := mustCompile(t, ordinaut.Schedule{Kind: ordinaut.ScheduleCron, Expr: got}).Canonical()
			if again != got {
				t.Errorf("canonical form of the canonical form: got %q, want %q", again, got)
			}
		})
	}
}

func TestCronFaultsAreForPeople(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	for _, expr := range []string{
		"", "* * * *", "0 0 1 1 * * 2027", "61 25 32 13 8", "60 * * * *", "*/60 * * * *", "*/0 * * * *",
		"1,,2 * * * *", "5- * * * *", "-5 * * * *", "a * * * *", "1.5 * * * *", "9999999999999999999 * * * *",
		"0 9 * * MONDAY", "0 9 * * MO", "0 9 * * XYZ", "0 9 * JANUARY *", "0 9 * 0 *", "0 9 0 * *",
		"0 9 L-31 * *", "0 9 32W * *", "0 9 W * *", "0 9 L5 * *", "0 9 1-LW * *", "0 9 * * L", "0 9 * * 9L",
		"0 9 * * MON#6", "0 9 * * #2", "0 9 * * MON#", "L * * * *", "0 9 * * */7",
		"@every 5m", "@reboot", "@dayly", "@fortnightly", "@daily 5", "CRON_TZ=Europe/Berlin",
		"CRON_TZ=Europa/Berlin 0 9 * * *", "TZ= 0 9 * * *",
	} {
		fmt.Fprintf(&text, "%s\n", expr)
		_, err := Compile(ordinaut.Schedule{Kind: ordinaut.ScheduleCron, Expr: expr})
		if err == nil {
			t.Errorf("%q is accepted", expr)
			continue
		}
		for _, fault := range ordinaut.AsError(err).All() {
			fmt.Fprintf(&text, "    %s: %s\n        %s\n", fault.Code, fault.Message, fault.Fix)
			if fault.At != "/schedule_expr" || fault.Fix == "" || len(fault.Examples) == 0 {
				t.Errorf("%q: a fault lacks its place, mend or examples: %+v", expr, fault)
			}
		}
	}
	golden(t, "cron_faults.txt", text.String())
}

func TestCronExamplesAreAccepted(t *testing.T) {
	t.Parallel()
	_, err := Compile(ordinaut.Schedule{Kind: ordinaut.ScheduleCron, Expr: "nonsense"})
	for _, expr := range ordinaut.AsError(err).Examples {
		mustCompile(t, ordinaut.Schedule{Kind: ordinaut.ScheduleCron, Expr: expr})
	}
}

func TestCronThatNeverFiresIsRefused(t *testing.T) {
	t.Parallel()
	for _, expr := range []string{
		"0 0 30 2 *", "0 0 31 2,4,6,9,11 *", "0 0 L-30 2 *", "0 0 L-29 2 *", "0 0 30W 2 *",
	} {
		_, err := Compile(ordinaut.Schedule{Kind: ordinaut.ScheduleCron, Expr: expr})
		if !errors.Is(err, &ordinaut.Error{Code: ordinaut.CodeScheduleNever}) {
			t.Errorf("%q: got %v, want %s", expr, err, ordinaut.CodeScheduleNever)
		}
	}
}

func TestCronZoneOfTheExpressionWins(t *testing.T) {
	t.Parallel()
	compile := func(zone string) (*Rule, error) {
		return Compile(ordinaut.Schedule{
			Kind: ordinaut.ScheduleCron, Expr: "CRON_TZ=Europe/Berlin 0 9 * * *", Timezone: zone, DefaultZone: "Asia/Tokyo",
		})
	}
	for _, zone := range []string{"", "Europe/Berlin"} {
		rule, err := compile(zone)
		if err != nil {
			t.Fatal(err)
		}
		got, _, _ := rule.Next(instant("2026-07-01T00:00:00Z"))
		if want := instant("2026-07-01T07:00:00Z"); !got.At.Equal(want) {
			t.Errorf("with timezone %q: got %s, want %s", zone, got.At, want)
		}
		if got := rule.Location().String(); got != "Europe/Berlin" {
			t.Errorf("location: got %s, want Europe/Berlin", got)
		}
	}
	_, err := compile("America/New_York")
	if !errors.Is(err, &ordinaut.Error{Code: ordinaut.CodeScheduleZoneClash}) {
		t.Errorf("another explicit zone: got %v, want %s", err, ordinaut.CodeScheduleZoneClash)
	}
}

// A rare month comes back only after 40 years, across a century that is not a
// leap year.
func TestCronFindsTheRarestDays(t *testing.T) {
	t.Parallel()
	rule := mustCompile(t, ordinaut.Schedule{Kind: ordinaut.ScheduleCron, Expr: "0 0 * 2 MON#5"})
	for _, c := range []struct{ from, next, prev string }{
		{"2044-03-01T00:00:00Z", "2072-02-29T00:00:00Z", "2044-02-29T00:00:00Z"},
		{"2072-02-29T00:00:00Z", "2112-02-29T00:00:00Z", "2044-02-29T00:00:00Z"},
		{"2112-02-29T00:00:00Z", "2140-02-29T00:00:00Z", "2072-02-29T00:00:00Z"},
	} {
		next, _, err := rule.Next(instant(c.from))
		if err != nil || !next.At.Equal(instant(c.next)) {
			t.Errorf("after %s: got %s, %v, want %s", c.from, next.At, err, c.next)
		}
		prev, _, err := rule.Prev(instant(c.from))
		if err != nil || !prev.At.Equal(instant(c.prev)) {
			t.Errorf("before %s: got %s, %v, want %s", c.from, prev.At, err, c.prev)
		}
	}
}

// The weekday nearest to a day never lies in another month.
func TestCronNearestWeekdayStaysInItsMonth(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ field, month, want string }{
		{"15W", "2026-06", "2026-06-15"}, // a Monday
		{"15W", "2026-08", "2026-08-14"}, // a Saturday
		{"15W", "2026-11", "2026-11-16"}, // a Sunday
		{"1W", "2026-08", "2026-08-03"},  // a Saturday
		{"1W", "2026-02", "2026-02-02"},  // a Sunday
		{"31W", "2026-01", "2026-01-30"}, // a Saturday
		{"31W", "2026-05", "2026-05-29"}, // a Sunday
		{"31W", "2026-06", "2026-07-31"}, // June has none
		{"LW", "2026-05", "2026-05-29"},
		{"LW", "2026-06", "2026-06-30"},
	} {
		rule := mustCompile(t, ordinaut.Schedule{Kind: ordinaut.ScheduleCron, Expr: "0 0 " + c.field + " * *"})
		got, _, err := rule.Next(instant(c.month + "-01T00:00:00Z").Add(-1))
		if err != nil || got.At.Format(time.DateOnly) != c.want {
			t.Errorf("%s from %s: got %s, %v, want %s", c.field, c.month, got.At, err, c.want)
		}
	}
}

func mustCompile(tb testing.TB, s ordinaut.Schedule) *Rule {
	tb.Helper()
	rule, err := Compile(s)
	if err != nil {
		tb.Fatalf("compile %q: %v", s.Expr, err)
	}
	return rule
}

func instant(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return t
}
