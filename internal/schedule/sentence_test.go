package schedule

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/ordinaut/ordinaut"
)

// The golden file is a phrase book for people. A line without a sentence means
// that none is sure, and that the canonical form is shown instead.
func TestSentences(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	for _, group := range []struct {
		kind  ordinaut.ScheduleKind
		exprs []string
	}{
		{ordinaut.ScheduleCron, cronPhrases()},
		{ordinaut.ScheduleRRule, rrulePhrases()},
		{ordinaut.ScheduleOnce, []string{
			"2027-03-28T02:30", "2027-03-28T02:30:15", "2027-03-28T02:30:00Z", "2027-03-28T02:30:00+02:00", "2027-03-28T02:30[Europe/Chisinau]",
		}},
		{ordinaut.ScheduleInterval, []string{
			"1s", "45s", "90s", "1m", "90m", "1h", "150m", "1h1s", "1d", "26h", "2d", "1w", "1w1h", "PT36H",
		}},
		{ordinaut.ScheduleManual, []string{""}},
	} {
		fmt.Fprintf(&text, "# %s\n", group.kind)
		width := 0
		for _, expr := range group.exprs {
			width = max(width, len(expr)+2)
		}
		for _, expr := range group.exprs {
			rule := mustCompile(t, ordinaut.Schedule{Kind: group.kind, Expr: expr, Anchor: instant("2026-03-04T14:20:00Z")})
			line := fmt.Sprintf("%-*s  %s", width, strings.ReplaceAll(expr, "\n", " | "), rule.calendar.sentence())
			text.WriteString(strings.TrimRight(line, " ") + "\n")
		}
		text.WriteString("\n")
	}
	golden(t, "sentences.txt", strings.TrimSuffix(text.String(), "\n"))
}

func cronPhrases() []string {
	return []string{
		"30 8 * * *", "30 8 * * MON-FRI", "0 9 * * MON,THU", "0 10 * * SAT,SUN", "0 9 * * SUN", "0 9 * * FRI-MON",
		"0 9,12,18 * * *", "0,30 8-9 * * MON-FRI", "15 30 8 * * *", "0 0 * * *", "@weekly", "@monthly", "@yearly",
		"* * * * *", "*/15 * * * *", "*/7 * * * *", "0 * * * *", "1 * * * *", "5 * * * *", "5,20,35 * * * *", "5/15 * * * *",
		"*/2 * * * *", "*/25 * * * *", "1-59/2 * * * *", "* * * * * *", "*/10 * * * * *", "30 * * * * *", "10,40 * * * * *",
		"*/10 5 * * * *",
		"0 */2 * * *", "15 */6 * * *", "0 */5 * * *", "30 */3 * * *", "0 8-18/2 * * *", "0 9-17 * * MON-FRI", "*/15 9-17 * * MON-FRI",
		"*/10 9 * * *", "5-50/15 9-17 * * *", "5-35/10 9-17 * * *", "* 9 * * SAT", "0 0-23 * * *", "*/15 1,5,7,9 * * *",
		"*/15 * * * MON", "*/15 * * * MON,SAT", "*/15 * * 1 *", "*/30 * 1 * *", "0 * * 6-8 SUN",
		"0 9 1 * *", "0 9 1,15 * *", "0 9 31 * *", "0 9 1,31 * *", "0 9 29 2 *", "0 9 31 1,4 *", "0 9 1 1 *", "0 9 1 1,7 *",
		"0 9 24-26 12 *", "0 9 1,8,15,22 3 *", "0 9 1-7 * *", "0 9 1-7 * MON", "0 9 20-31 * *", "0 9 29-31 * *", "0 9 */2 * *", "0 9 2-30/2 * *", "0 9 L * *", "0 9 L-3 * *",
		"0 9 L-1 2 *", "0 9 L-29 * *", "0 9 LW * *", "0 9 15W * *", "0 9 1W 1,4,7,10 *", "0 9 30W * *", "0 9 1,L * *",
		"0 17 * * FRIL", "0 17 * * MON#1", "0 17 * * MON#1,MON#3", "0 17 * * TUE#5", "0 17 * * FRIL,MON#2", "0 17 * * MON,FRIL",
		"0 17 * 3 FRIL", "0 17 * 3-10 FRIL", "0 17 * 3,5,9 MON#1",
		"0 9 * 1 *", "0 9 * 1,7 MON", "0 9 * 6-8 MON-FRI", "0 9 * 1,2,3,5,6,8,10 *", "0 9 * NOV-FEB *",
		"0 0 1 * MON", "0 0 1 1 MON", "0 0 13 * FRIL", "0 0 1 * MON-FRI", "0 0 1 * MON,TUE", "0 0 1-31 * MON", "0 0 */2 * MON",
		"0 0 1 * */2", "*/15 * 1 * MON",
	}
}

func rrulePhrases() []string {
	return []string{
		"FREQ=DAILY", "FREQ=DAILY;BYHOUR=9;BYMINUTE=0", "FREQ=DAILY;BYHOUR=9;BYMINUTE=0;UNTIL=20270501",
		"FREQ=DAILY;BYHOUR=9;BYMINUTE=0;UNTIL=20270501T090000Z", "FREQ=DAILY;INTERVAL=3;BYHOUR=9,18;BYMINUTE=0",
		"FREQ=DAILY;INTERVAL=2;BYDAY=MO", "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=8;BYMINUTE=30",
		"FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=8;BYMINUTE=30", "FREQ=WEEKLY", "FREQ=WEEKLY;BYDAY=MO,TH;BYHOUR=9;BYMINUTE=0",
		"FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;BYHOUR=9;BYMINUTE=0;COUNT=10", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;BYHOUR=9;BYMINUTE=0",
		"FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;BYHOUR=9;BYMINUTE=0;WKST=SU", "FREQ=WEEKLY;BYDAY=SA,SU;BYMONTH=6,7,8;BYHOUR=9;BYMINUTE=0",
		"FREQ=MONTHLY;BYMONTHDAY=1;BYHOUR=9;BYMINUTE=0", "FREQ=MONTHLY;BYMONTHDAY=-1;BYHOUR=9;BYMINUTE=0",
		"FREQ=MONTHLY;BYMONTHDAY=1,-2;BYHOUR=9;BYMINUTE=0", "FREQ=MONTHLY;BYMONTHDAY=-31;BYHOUR=9;BYMINUTE=0",
		"FREQ=MONTHLY;BYDAY=-1FR;BYHOUR=17;BYMINUTE=0", "FREQ=MONTHLY;BYDAY=2TU;BYHOUR=17;BYMINUTE=0", "FREQ=MONTHLY;BYDAY=-2FR;BYHOUR=17;BYMINUTE=0",
		"FREQ=MONTHLY;BYDAY=MO;BYHOUR=17;BYMINUTE=0", "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13;BYHOUR=9;BYMINUTE=0",
		"FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=1;BYHOUR=9;BYMINUTE=0", "FREQ=MONTHLY;INTERVAL=2;BYDAY=-1FR;BYHOUR=9;BYMINUTE=0",
		"FREQ=MONTHLY;INTERVAL=2;BYDAY=FR;BYHOUR=9;BYMINUTE=0", "FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=31;BYHOUR=9;BYMINUTE=0",
		"FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;BYHOUR=17;BYMINUTE=0", "FREQ=MONTHLY;BYDAY=SA,SU;BYSETPOS=1;BYHOUR=10;BYMINUTE=0",
		"FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=2;BYHOUR=9;BYMINUTE=0;BYMONTH=3,6,9,12", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1,-1;BYHOUR=9;BYMINUTE=0",
		"FREQ=YEARLY", "FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=1;BYHOUR=0;BYMINUTE=0", "FREQ=YEARLY;BYMONTH=11;BYDAY=4TH;BYHOUR=12;BYMINUTE=0",
		"FREQ=YEARLY;BYDAY=20MO;BYHOUR=9;BYMINUTE=0", "FREQ=YEARLY;BYWEEKNO=20;BYHOUR=9;BYMINUTE=0", "FREQ=YEARLY;BYYEARDAY=100;BYHOUR=9;BYMINUTE=0",
		"FREQ=YEARLY;INTERVAL=2;BYMONTH=5;BYMONTHDAY=9;BYHOUR=9;BYMINUTE=0", "FREQ=YEARLY;BYMONTHDAY=1;BYHOUR=9;BYMINUTE=0",
		"FREQ=HOURLY", "FREQ=HOURLY;INTERVAL=6", "FREQ=HOURLY;BYMINUTE=0,30", "FREQ=HOURLY;BYHOUR=9,10,11,12,13,14,15,16,17;BYMINUTE=0;BYDAY=MO,TU,WE,TH,FR",
		"FREQ=MINUTELY;INTERVAL=15", "FREQ=MINUTELY;INTERVAL=15;BYHOUR=9", "FREQ=MINUTELY;BYSECOND=0,30", "FREQ=SECONDLY;INTERVAL=30;COUNT=1", "FREQ=DAILY;BYHOUR=9;BYMINUTE=0;BYSECOND=30,60",
		"FREQ=MONTHLY;BYMONTHDAY=1;BYDAY=MO;BYSETPOS=1;BYHOUR=9;BYMINUTE=0", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYHOUR=9;BYMINUTE=0",
		"FREQ=MONTHLY;BYDAY=MO,TU,WE;BYSETPOS=1;BYHOUR=9;BYMINUTE=0", "FREQ=DAILY;INTERVAL=2;BYHOUR=0,3,6,9,12,15,18;BYMINUTE=0",
		"FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYSETPOS=-1;BYMONTH=1,2,3,5,7,8,10;BYHOUR=9;BYMINUTE=0",
		"DTSTART:20260504T090000\nRRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;COUNT=10",
		"DTSTART;TZID=Europe/Berlin:20260504T090000\nRRULE:FREQ=DAILY\nEXDATE;VALUE=DATE:20261224,20261225",
		"DTSTART:20260504T090000\nRRULE:FREQ=DAILY\nEXDATE:20261224T090000", "DTSTART:20260504T090000\nRRULE:FREQ=DAILY\nRDATE:20261224T120000",
	}
}

func TestSentenceFallsBackToTheCanonicalForm(t *testing.T) {
	t.Parallel()
	rule := mustCompile(t, ordinaut.Schedule{Kind: ordinaut.ScheduleCron, Expr: "*/15 1,5,7,9 * * MON-FRI"})
	if got, want := rule.Sentence(), "*/15 1,5,7,9 * * 1-5"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A rule that skips no period is described as the cron that asks for the same
// times, so the two have to be the same.
func TestSentenceTakesTheCronThatIsTheRule(t *testing.T) {
	t.Parallel()
	start := instant("2020-02-29T14:20:00Z")
	rapid.Check(t, func(t *rapid.T) {
		freq := rapid.SampledFrom([]string{"HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"}).Draw(t, "freq")
		text := "FREQ=" + freq
		part := func(name string, values []string) {
			if rapid.Bool().Draw(t, name) || freq == "HOURLY" && name == "BYMINUTE" {
				chosen := rapid.SliceOfNDistinct(rapid.SampledFrom(values), 1, 3, rapid.ID[string]).Draw(t, "values")
				text += ";" + name + "=" + strings.Join(chosen, ",")
			}
		}
		part("BYMONTH", []string{"1", "2", "4", "12"})
		if freq != "WEEKLY" {
			part("BYMONTHDAY", []string{"1", "13", "29", "31", "-1", "-2", "-29"})
		}
		days := []string{"MO", "FR", "SU"}
		if freq == "MONTHLY" || freq == "YEARLY" {
			days = append(days, "1MO", "5FR", "-1SU")
		}
		part("BYDAY", days)
		part("BYHOUR", []string{"0", "9", "23"})
		part("BYMINUTE", []string{"0", "15", "59"})
		part("BYSECOND", []string{"0", "30", "60"})

		r, err := parseRecurrence(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		c, ok := r.sameCron(start)
		if !ok {
			return // counted over the year
		}
		rule, err := Compile(ordinaut.Schedule{Kind: ordinaut.ScheduleRRule, Expr: text, Anchor: start})
		if errors.Is(err, &ordinaut.Error{Code: ordinaut.CodeScheduleNever}) {
			return
		}
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		at := start
		for range 30 {
			got, ok, err := c.nextWall(at, newBudget(at))
			if err != nil {
				t.Fatal(err)
			}
			want, found, err := rule.Next(at)
			if err != nil || ok != found || !got.Equal(want.At) {
				t.Fatalf("%s after %s: its cron %s gives %s, %t, and itself %s, %t, %v", text, at, c, got, ok, want.At, found, err)
			}
			if !found {
				return
			}
			at = got
		}
	})
}
