package schedule

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/ordinaut/ordinaut"
)

// upTo lists the numbers from one to another.
func upTo(low, high int) string {
	var list []string
	for n := low; n <= high; n++ {
		list = append(list, fmt.Sprint(n))
	}
	return strings.Join(list, ",")
}

// hostile are rules that never fire, or that are made to be costly, and the code
// with which each is refused.
func hostile() map[string]ordinaut.Code {
	never, costly, invalid := ordinaut.CodeScheduleNever, ordinaut.CodeScheduleTooCostly, ordinaut.CodeScheduleRRule
	everySecond := ";BYMINUTE=" + upTo(0, 59) + ";BYSECOND=" + upTo(0, 59)
	return map[string]ordinaut.Code{
		"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30":                                                     never,
		"FREQ=MONTHLY;BYMONTH=2,4,6;BYMONTHDAY=31":                                                never,
		"FREQ=WEEKLY;BYMONTH=2;BYDAY=MO;INTERVAL=52000000":                                        never,
		"FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30":                                                      never,
		"FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30":                                                     never,
		"FREQ=MINUTELY;BYMONTH=2;BYMONTHDAY=30":                                                   never,
		"FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30":                                                   never,
		"FREQ=YEARLY;INTERVAL=4;BYMONTH=2;BYMONTHDAY=29":                                          never,
		"FREQ=MONTHLY;INTERVAL=12;BYMONTH=2":                                                      never,
		"FREQ=MONTHLY;BYDAY=6MO":                                                                  never,
		"FREQ=YEARLY;BYMONTH=1;BYDAY=-6MO":                                                        never,
		"FREQ=YEARLY;BYWEEKNO=53;BYMONTH=6":                                                       never,
		"FREQ=YEARLY;BYYEARDAY=366;BYMONTH=1":                                                     never,
		"FREQ=YEARLY;BYDAY=MO;BYSETPOS=366":                                                       never,
		"FREQ=YEARLY;BYMONTH=12;BYDAY=MO;BYSETPOS=6":                                              never,
		"FREQ=WEEKLY;BYDAY=MO;BYSETPOS=2":                                                         never,
		"FREQ=DAILY;BYHOUR=9;BYSETPOS=-2":                                                         never,
		"FREQ=DAILY;BYSECOND=60":                                                                  never,
		"FREQ=SECONDLY;BYSECOND=60":                                                               never,
		"FREQ=DAILY;INTERVAL=3;UNTIL=20200101":                                                    never,
		"FREQ=DAILY;INTERVAL=999999999;BYMONTH=2;BYMONTHDAY=29":                                   never,
		"FREQ=SECONDLY;INTERVAL=60;BYSECOND=7":                                                    never,
		"FREQ=SECONDLY;INTERVAL=2;BYSECOND=1,3,5":                                                 never,
		"FREQ=MINUTELY;INTERVAL=60;BYMINUTE=7":                                                    never,
		"FREQ=SECONDLY;BYDAY=TH;BYSETPOS=10":                                                      never,
		"FREQ=MINUTELY;BYSECOND=1;BYSETPOS=2":                                                     never,
		"FREQ=HOURLY;BYMINUTE=1;BYSETPOS=-2":                                                      never,
		"FREQ=HOURLY;INTERVAL=24;BYHOUR=5":                                                        costly,
		"FREQ=SECONDLY;INTERVAL=86400;BYHOUR=3;BYMINUTE=7;BYSECOND=11":                            never,
		"FREQ=SECONDLY;INTERVAL=7200;BYHOUR=3,5,7":                                                costly,
		"FREQ=WEEKLY;INTERVAL=1000;BYMONTH=2;BYDAY=MO":                                            costly,
		"FREQ=YEARLY;INTERVAL=100;BYMONTH=2;BYMONTHDAY=29":                                        never,
		"FREQ=HOURLY;INTERVAL=24;BYHOUR=5" + everySecond + ";BYSETPOS=366":                        costly,
		"FREQ=HOURLY" + everySecond + ";BYSETPOS=366,-366;COUNT=100000":                           costly,
		"FREQ=DAILY;INTERVAL=2;BYMONTH=1;COUNT=1000000000":                                        costly,
		"FREQ=SECONDLY;BYHOUR=2;COUNT=1000000000":                                                 costly,
		strings.Repeat("RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30\n", 90):                         never,
		strings.Repeat("RRULE:FREQ=DAILY;INTERVAL=2;BYMONTH=1;COUNT=99999\n", 70):                 costly,
		strings.Repeat("RRULE:FREQ=HOURLY;INTERVAL=5;BYMONTH=2;COUNT=9999\n", 70):                 costly,
		strings.Repeat("RRULE:FREQ=HOURLY;INTERVAL=24;BYHOUR=5;BYDAY=MO\n", 80):                   costly,
		"RRULE:FREQ=SECONDLY;INTERVAL=10\n" + strings.Repeat("RRULE:FREQ=DAILY;BYMONTH=13\n", 90): invalid,
	}
}

// TestHostileRulesAreRefused compiles rules that never fire or are made to be
// costly. Each refusal follows from counting candidates, never from a clock; all
// they pass through is a few megabytes of memory at most.
func TestHostileRulesAreRefused(t *testing.T) {
	for expr, want := range hostile() {
		for _, zone := range []string{"UTC", "America/New_York"} {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := Compile(rruleIn(zone, expr))
			runtime.ReadMemStats(&after)
			if err == nil || !errors.Is(ordinaut.AsError(err).All()[0], &ordinaut.Error{Code: want}) {
				// New York comes to 05:00 when clocks go forward.
				if want != ordinaut.CodeScheduleTooCostly || zone == "UTC" {
					t.Errorf("%.80q in %s: got %v, want %s", expr, zone, err, want)
				}
			}
			if grown := after.TotalAlloc - before.TotalAlloc; grown > 8<<20 {
				t.Errorf("%.80q in %s allocated %d bytes", expr, zone, grown)
			}
		}
	}
}

// TestCostlyRulesThatFireAreAccepted asks rules that look costly and are not.
func TestCostlyRulesThatFireAreAccepted(t *testing.T) {
	t.Parallel()
	everySecond := "BYHOUR=" + upTo(0, 23) + ";BYMINUTE=" + upTo(0, 59) + ";BYSECOND=" + upTo(0, 59)
	for _, expr := range []string{
		"FREQ=DAILY;INTERVAL=999999999",
		"FREQ=YEARLY;INTERVAL=1000000000",
		"FREQ=SECONDLY;COUNT=1000000000",
		"FREQ=SECONDLY;INTERVAL=1000000000;COUNT=1000000000",
		"FREQ=DAILY;COUNT=1000000000;BYDAY=MO,TU",
		"FREQ=DAILY;COUNT=1000000000;" + everySecond,
		"FREQ=YEARLY;" + everySecond + ";BYDAY=MO,TU,WE,TH,FR,SA,SU;BYSETPOS=" + upTo(1, 60) + ";COUNT=1000000000",
		"FREQ=SECONDLY;INTERVAL=86399;BYHOUR=3;BYMINUTE=7;BYSECOND=11",
		"FREQ=MINUTELY;BYMONTH=12;BYMONTHDAY=25;BYHOUR=9;BYMINUTE=30",
		"FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO;BYHOUR=3;BYMINUTE=7;BYSECOND=11",
		"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO",
		"RRULE:FREQ=SECONDLY\nEXDATE;VALUE=DATE:20260317,20260318,20260319",
	} {
		for _, zone := range []string{"UTC", "America/New_York"} {
			rule := mustCompile(t, rruleIn(zone, expr))
			b := newBudget(anchor())
			if _, ok, err := rule.calendar.next(anchor().Add(-time.Second), b); err != nil || !ok {
				t.Errorf("%.80q in %s: %v %v", expr, zone, ok, err)
			}
			if _, _, err := rule.calendar.prev(anchor().AddDate(100, 0, 0), b); err != nil {
				t.Errorf("%.80q in %s: %v", expr, zone, err)
			}
		}
	}
}
