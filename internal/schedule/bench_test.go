package schedule_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/schedule"
)

// BenchmarkNext asks rules for the occurrence after now. One that began 50 years
// ago costs what one costs that began today.
func BenchmarkNext(b *testing.B) {
	now := time.Date(2026, time.March, 17, 12, 34, 56, 0, time.UTC)
	for _, rule := range []string{
		"FREQ=SECONDLY;INTERVAL=7",
		"FREQ=MINUTELY;INTERVAL=15;BYHOUR=9,10,11",
		"FREQ=HOURLY;INTERVAL=5",
		"FREQ=DAILY;INTERVAL=3",
		"FREQ=DAILY;COUNT=100000",
		"FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR",
		"FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
		"FREQ=YEARLY;BYWEEKNO=53;BYDAY=SU",
		"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
	} {
		for _, years := range []int{0, 50} {
			b.Run(fmt.Sprintf("%s anchored %d years ago", rule, years), func(b *testing.B) {
				r, err := schedule.Compile(ordinaut.Schedule{
					Kind:     ordinaut.ScheduleRRule,
					Expr:     rule,
					Timezone: "America/New_York",
					Anchor:   now.AddDate(-years, 0, -1),
				})
				if err != nil {
					b.Fatal(err)
				}
				b.ReportAllocs()
				for b.Loop() {
					if _, ok, err := r.Next(now); !ok || err != nil {
						b.Fatal(ok, err)
					}
				}
			})
		}
	}
}
