package schedule_test

import (
	"fmt"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/schedule"
)

func ExampleCompile() {
	rule, err := schedule.Compile(ordinaut.Schedule{
		Kind:     ordinaut.ScheduleRRule,
		Expr:     "rrule:freq=monthly;byday=mo,tu,we,th,fr;bysetpos=-1;byhour=17;byminute=0",
		Timezone: "Europe/Berlin",
		Anchor:   time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC),
	})
	fmt.Println(rule.Canonical(), err)
	// Output: FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=17;BYMINUTE=0;BYSETPOS=-1 <nil>
}

func ExampleCompile_fault() {
	_, err := schedule.Compile(ordinaut.Schedule{
		Kind:     ordinaut.ScheduleRRule,
		Expr:     "FREQ=WEEKLY;BYDAY=1MO",
		Timezone: "Europe/Berlim",
	})
	for _, fault := range ordinaut.AsError(err).All() {
		fmt.Println(fault.At, fault.Message)
		fmt.Println("   ", fault.Fix)
	}
	// Output:
	// /timezone there is no such time zone in the tz database 2025c
	//     did you mean Europe/Berlin?
	// /schedule_expr BYDAY with numbers needs FREQ=MONTHLY or FREQ=YEARLY, and this is FREQ=WEEKLY
	//     leave out the numbers, or change FREQ
}

func ExampleRule_Next() {
	rule, err := schedule.Compile(ordinaut.Schedule{
		Kind:     ordinaut.ScheduleRRule,
		Expr:     "DTSTART:20260307T023000\nRRULE:FREQ=DAILY;COUNT=3",
		Timezone: "America/New_York",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for at := (time.Time{}); ; {
		o, ok, err := rule.Next(at)
		if !ok || err != nil {
			break
		}
		fmt.Printf("%s %q\n", o.At.Format(time.RFC3339), o.Note)
		at = o.At
	}
	// Output:
	// 2026-03-07T07:30:00Z ""
	// 2026-03-08T07:30:00Z "clocks go forward: 02:30 does not exist, 03:30 is used"
	// 2026-03-09T06:30:00Z ""
}

func ExampleRule_Prev() {
	rule, err := schedule.Compile(ordinaut.Schedule{
		Kind:   ordinaut.ScheduleRRule,
		Expr:   "FREQ=MINUTELY;INTERVAL=90",
		Anchor: time.Date(1976, time.January, 1, 0, 0, 0, 0, time.UTC),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	o, _, _ := rule.Prev(time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC))
	fmt.Println(o.At.Format(time.RFC3339))
	// Output: 2025-12-31T22:30:00Z
}
