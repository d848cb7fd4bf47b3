package schedule

import (
	"testing"
	"time"
)

// TestCountIsFoundWithoutCounting compares the nth time of a series with the one
// that stepping comes to, also after the 400 years in which calendars repeat.
func TestCountIsFoundWithoutCounting(t *testing.T) {
	t.Parallel()
	start := time.Date(2001, time.May, 17, 9, 30, 0, 0, time.UTC)
	for _, rule := range []string{
		"FREQ=YEARLY",
		"FREQ=YEARLY;INTERVAL=3;BYMONTH=2;BYMONTHDAY=29",
		"FREQ=YEARLY;INTERVAL=50;BYDAY=20MO",
		"FREQ=YEARLY;BYWEEKNO=53",
		"FREQ=YEARLY;BYDAY=MO,-1FR;BYSETPOS=1,-1",
		"FREQ=MONTHLY;INTERVAL=7;BYDAY=FR;BYMONTHDAY=13",
		"FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=2,-1,1",
		"FREQ=WEEKLY;INTERVAL=52;BYDAY=MO,SU;WKST=SU",
		"FREQ=WEEKLY;INTERVAL=100;BYMONTH=1,2,3,4;BYDAY=TH,SA",
		"FREQ=DAILY;INTERVAL=100;BYDAY=MO,TU",
		"FREQ=DAILY;BYMONTH=12;BYMONTHDAY=24,-1;BYHOUR=8,20",
		"FREQ=DAILY;INTERVAL=211;BYMONTH=1,5;BYHOUR=1,2,3;BYSETPOS=-1",
	} {
		r, err := parseRecurrence(rule)
		if err != nil {
			t.Fatal(err)
		}
		s := r.onWall(start)
		at := start.Add(-time.Second)
		for n := 1; n <= 1000; n++ {
			next, ok, err := s.nextWall(at, newBudget(at))
			if err != nil || !ok && at.Year() < 9900 {
				t.Fatalf("%s: the next after %v: %v %v", rule, at, ok, err)
			}
			if !ok {
				break
			}
			at = next
			if n > 3 && n%97 != 0 && n != 400 && n != 401 {
				continue
			}
			if got, ok, err := s.nth(n, countingBudget(start)); err != nil || !ok || !got.Equal(at) {
				t.Errorf("%s: number %d is %v %v %v, want %v", rule, n, got, ok, err, at)
			}
		}
	}
}

func TestCountBeyondTheYear9999DoesNotEnd(t *testing.T) {
	t.Parallel()
	for _, rule := range []string{"FREQ=YEARLY;COUNT=9000", "FREQ=DAILY;COUNT=1000000000", "FREQ=SECONDLY;INTERVAL=1000;COUNT=1000000000"} {
		if o, ok, err := mustCompile(t, rruleIn("", rule)).Prev(lastSecond()); err != nil || !ok || o.At.Year() != 9999 {
			t.Errorf("%s: the last one is %v %v %v, want one in 9999", rule, o, ok, err)
		}
	}
}
