package ordinauttest_test

import (
	"testing"
	"time"

	"github.com/ordinaut/ordinaut/ordinauttest"
)

func TestDuplicatesHaveTheirLedger(t *testing.T) {
	story(t, ordinauttest.Options{}, func(t *testing.T, w *ordinauttest.World) {
		hourly := w.Create(task(`{"title": "Hourly", "schedule_kind": "cron", "schedule_expr": "0 * * * *", "dedupe_key": "report", "dedupe_window_seconds": 1800}`))
		often := w.Create(task(`{"title": "Often", "schedule_kind": "cron", "schedule_expr": "5/20 * * * *", "dedupe_key": "report", "dedupe_window_seconds": 1800}`))
		ordinauttest.Pass(2*time.Hour + time.Minute)
		ledger(t, "dedupe", "hourly\n"+w.Ledger(hourly)+"every twenty minutes\n"+w.Ledger(often))
	})
}
