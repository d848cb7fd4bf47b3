// Package ordinauttest is a whole Ordinaut inside a test: the real store, the
// real engine and the real operations, in virtual time. Months pass in seconds,
// crashes come when the test says so, tools do what it scripts, and what
// happened can be read as a ledger.
//
// A test runs inside a testing/synctest bubble:
//
//	synctest.Test(t, func(t *testing.T) {
//		w := ordinauttest.Start(t, ordinauttest.Options{})
//		task := w.Create(`{"title": "Tick", "schedule_kind": "interval", "schedule_expr": "1h", ...}`)
//		ordinauttest.Pass(24 * time.Hour)
//		fmt.Print(w.Ledger(task))
//	})
package ordinauttest
