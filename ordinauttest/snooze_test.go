package ordinauttest_test

import (
	"testing"
	"time"

	"github.com/ordinaut/ordinaut/ordinauttest"
)

func TestASnoozePutsOneOccurrenceOff(t *testing.T) {
	story(t, ordinauttest.Options{}, func(t *testing.T, w *ordinauttest.World) {
		id := w.Create(task(`{"schedule_kind": "cron", "schedule_expr": "0 * * * *"}`))
		ordinauttest.Pass(90 * time.Minute)
		w.Do("task.snooze", `{"task": "tick", "for": "1h"}`)
		ordinauttest.Pass(15 * time.Minute)
		w.Do("task.snooze", `{"task": "tick", "until": "2000-01-01T04:20:00Z", "reason": "again"}`)
		ordinauttest.Pass(4 * time.Hour)
		ledger(t, "snooze", w.Ledger(id))
	})
}

func TestASnoozeOutlivesACrashAndAChangeOfMind(t *testing.T) {
	story(t, ordinauttest.Options{}, func(t *testing.T, w *ordinauttest.World) {
		missed := w.Create(task(`{"title": "Away", "schedule_kind": "cron", "schedule_expr": "0 * * * *"}`))
		woken := w.Create(task(`{"title": "Woken", "schedule_kind": "cron", "schedule_expr": "0 * * * *"}`))
		paused := w.Create(task(`{"title": "Paused", "schedule_kind": "cron", "schedule_expr": "0 * * * *"}`))
		for _, name := range []string{"away", "woken", "paused"} {
			w.Do("task.snooze", `{"task": "`+name+`", "until": "2000-01-01T04:20:00Z"}`)
		}
		ordinauttest.Pass(150 * time.Minute)
		w.Crash()
		w.Restart()
		w.Do("task.unsnooze", `{"task": "woken"}`)
		w.Do("task.pause", `{"task": "paused"}`)
		ordinauttest.Pass(time.Hour)
		w.Do("task.resume", `{"task": "paused"}`)
		w.Crash()
		ordinauttest.Pass(3 * time.Hour)
		w.Restart()
		ordinauttest.Pass(10 * time.Minute)
		ledger(t, "snooze_ends", "away\n"+w.Ledger(missed)+"woken\n"+w.Ledger(woken)+"paused\n"+w.Ledger(paused))
	})
}
