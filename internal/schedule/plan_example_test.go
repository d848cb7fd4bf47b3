package schedule_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/schedule"
)

func ExamplePreview() {
	rule, err := schedule.Compile(ordinaut.Schedule{
		Kind:     ordinaut.ScheduleCron,
		Expr:     "30 2 * * SUN",
		Timezone: "Europe/Chisinau",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(rule.Sentence())
	after := time.Date(2027, time.March, 20, 0, 0, 0, 0, time.UTC)
	occurrences, err := schedule.Preview(rule, after, 3)
	for _, o := range occurrences {
		fmt.Println(strings.TrimSpace(o.At.In(rule.Location()).Format(time.RFC3339) + " " + o.Note))
	}
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// every Sunday at 02:30
	// 2027-03-21T02:30:00+02:00
	// 2027-03-28T03:30:00+03:00 clocks go forward: 02:30 does not exist, 03:30 is used
	// 2027-04-04T02:30:00+03:00
}

// A server comes back at 12:05. Nothing ran since 09:00, so one run makes up
// for the newest fire, and the ledger says what became of the others.
func ExampleDecide() {
	task := ordinaut.Task{ID: "task-1", Definition: ordinaut.NewDefinition()}
	task.ScheduleKind, task.ScheduleExpr = ordinaut.ScheduleCron, "0 * * * *"
	task.Cursor = time.Date(2026, time.March, 4, 9, 0, 0, 0, time.UTC)
	rule, err := schedule.Compile(task.Schedule(task.Cursor))
	if err != nil {
		fmt.Println(err)
		return
	}
	now := task.Cursor.Add(3*time.Hour + 5*time.Minute)
	m, err := schedule.Decide(rule, ordinaut.DueTask{Task: task}, now, func() ordinaut.RunID { return "run-1" })
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, g := range m.Gaps {
		fmt.Printf("%s to %s: %d %s\n", g.First.Format("15:04"), g.Last.Format("15:04"), g.Count, g.Reason)
	}
	for _, r := range m.Runs {
		fmt.Printf("%s runs at %s\n", r.Nominal.Format("15:04"), r.ScheduledFor.Format("15:04"))
	}
	fmt.Printf("%s is next\n", m.NextFire.Format("15:04"))
	// Output:
	// 10:00 to 11:00: 2 missed
	// 12:00 runs at 12:05
	// 13:00 is next
}
