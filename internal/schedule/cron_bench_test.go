package schedule

import (
	"testing"

	"github.com/ordinaut/ordinaut"
)

func BenchmarkCron(b *testing.B) {
	for _, expr := range []string{"30 8 * * MON-FRI", "*/15 * * * *", "0 17 * * FRIL", "0 0 29 2 *", "0 0 * 2 MON#5"} {
		rule := mustCompile(b, ordinaut.Schedule{Kind: ordinaut.ScheduleCron, Expr: expr, Timezone: "America/New_York"})
		from := instant("2073-03-01T12:00:00Z")
		b.Run("next "+expr, func(b *testing.B) {
			for b.Loop() {
				if _, ok, err := rule.Next(from); !ok || err != nil {
					b.Fatal(ok, err)
				}
			}
		})
		b.Run("prev "+expr, func(b *testing.B) {
			for b.Loop() {
				if _, ok, err := rule.Prev(from); !ok || err != nil {
					b.Fatal(ok, err)
				}
			}
		})
	}
	b.Run("refuse 30 February", func(b *testing.B) {
		for b.Loop() {
			if _, err := Compile(ordinaut.Schedule{Kind: ordinaut.ScheduleCron, Expr: "0 0 30 2 *"}); err == nil {
				b.Fatal("accepted")
			}
		}
	})
}

// Each decision is made after a day without any: one run, and 1,439 missed.
func BenchmarkDecideAfterADay(b *testing.B) {
	task := quarterHourly(scene{expr: "* * * * *", cursor: "09:00"})
	rule := mustCompile(b, task.Schedule(task.Anchor))
	now := task.Cursor.AddDate(0, 0, 1)
	for b.Loop() {
		m, err := Decide(rule, ordinaut.DueTask{Task: task}, now, runIDs())
		if err != nil || len(m.Runs) != 1 || m.Gaps[0].Count != 1439 {
			b.Fatal(m, err)
		}
	}
}

func BenchmarkDecideOnTime(b *testing.B) {
	task := quarterHourly(scene{cursor: "09:00"})
	task.JitterSeconds, task.Timezone = 60, "America/New_York"
	rule := mustCompile(b, task.Schedule(task.Anchor))
	now := ofDay("09:16")
	for b.Loop() {
		if _, err := Decide(rule, ordinaut.DueTask{Task: task}, now, runIDs()); err != nil {
			b.Fatal(err)
		}
	}
}
