package ordinauttest_test

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/engine"
	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/ordinauttest"
)

// restock is a task that runs when there is something in stock.
const restock = `{"title": "Restock", "key": "restock", "schedule_kind": "condition", "schedule_expr": "stock > 0", "timezone": "UTC",
	"payload": {"params": {"item": "tea"},
		"probe": {"uses": "script.stock", "with": {"item": "${params.item}"}, "every_seconds": 10},
		"pipeline": [{"id": "tell", "uses": "debug.echo", "with": {"message": "${event.data.stock} of ${event.data.item}"}}]}}`

// shop is a tool that says how much there is in stock.
type shop struct {
	stock atomic.Int64
	away  atomic.Bool
	asked atomic.Int64
	takes time.Duration // each look
}

func (s *shop) script() *ordinauttest.Script {
	return new(ordinauttest.Script).On("stock", func(_ context.Context, _ int, args json.RawMessage) (any, error) {
		s.asked.Add(1)
		if s.takes > 0 {
			<-time.After(s.takes)
		}
		if s.away.Load() {
			return nil, &ordinaut.Error{Code: ordinaut.CodeToolUnavailable, Message: "the shop is closed", Fix: "come back tomorrow"}
		}
		var sent struct{ Item string }
		err := json.Unmarshal(args, &sent)
		return map[string]any{"item": sent.Item, "stock": s.stock.Load()}, err
	})
}

// condition is how a condition is shown.
type condition struct {
	Status string
	Probe  struct {
		Status   string
		Holds    bool
		Since    *time.Time
		LookedAt *time.Time `json:"looked_at"`
		NextAt   *time.Time `json:"next_at"`
		Failures int
		Error    *ordinaut.Failure
	}
	Sentence string
}

func conditionOf(t *testing.T, w *ordinauttest.World, name string) (c condition) {
	t.Helper()
	if err := json.Unmarshal(w.Do("task.get", `{"task": "`+name+`"}`), &c); err != nil {
		t.Fatal(err)
	}
	return c
}

func runsOf(t *testing.T, w *ordinauttest.World, id ordinaut.TaskID) []ordinaut.Run {
	t.Helper()
	runs, err := w.Store.ListRuns(t.Context(), ordinaut.RunFilter{TaskID: id})
	if err != nil {
		t.Fatal(err)
	}
	return runs
}

func TestAConditionFiresWhenItBecomesTrue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		shop := &shop{}
		w := ordinauttest.Start(t, ordinauttest.Options{Script: shop.script()})
		id := w.Create(restock)
		want := func(runs int, status string) {
			t.Helper()
			got := conditionOf(t, w, "restock")
			if n := len(runsOf(t, w, id)); n != runs || got.Probe.Status != status {
				t.Errorf("got %d runs and %+v, want %d and %s", n, got.Probe, runs, status)
			}
		}
		ordinauttest.Pass(time.Minute)
		want(0, "false")
		if got := conditionOf(t, w, "restock").Sentence; got != "when stock > 0 becomes true, looked at every 10 seconds" {
			t.Errorf("got the sentence %q", got)
		}
		if asked := shop.asked.Load(); asked != 7 {
			t.Errorf("asked %d times in a minute, want 7", asked)
		}
		shop.stock.Store(3)
		ordinauttest.Pass(time.Minute)
		want(1, "true")
		run := runsOf(t, w, id)[0]
		if run.Trigger != ordinaut.TriggerCondition || run.Status != ordinaut.RunSucceeded || !strings.Contains(string(run.Output), "3 of tea") {
			t.Errorf("got %+v, want a run of the condition that has read the answer", run)
		}
		w.Stop()
		w.Restart()
		ordinauttest.Pass(time.Minute)
		want(1, "true")
		shop.stock.Store(0)
		ordinauttest.Pass(time.Minute)
		want(1, "false")
		shop.stock.Store(1)
		ordinauttest.Pass(time.Minute)
		want(2, "true")
	})
}

func TestAConditionThatIsPausedOrEditedIsHeeded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		shop := &shop{}
		w := ordinauttest.Start(t, ordinauttest.Options{Script: shop.script()})
		id := w.Create(restock)
		ordinauttest.Pass(time.Minute)
		w.Do("task.pause", `{"task": "restock"}`)
		before := shop.asked.Load()
		shop.stock.Store(1)
		ordinauttest.Pass(time.Hour)
		if shop.asked.Load() != before || len(runsOf(t, w, id)) != 0 || conditionOf(t, w, "restock").Probe.NextAt != nil {
			t.Error("a paused condition is looked at")
		}
		w.Do("task.resume", `{"task": "restock"}`)
		ordinauttest.Pass(time.Second)
		if n := len(runsOf(t, w, id)); n != 1 {
			t.Errorf("got %d runs after it was resumed, want 1: it was false before", n)
		}
		w.Do("task.update", `{"task": "restock", "title": "Restock again"}`)
		ordinauttest.Pass(time.Minute)
		if n := len(runsOf(t, w, id)); n != 1 {
			t.Errorf("got %d runs after the title was changed, want 1: it is the same condition", n)
		}
		w.Do("task.update", `{"task": "restock", "schedule_expr": "stock >= 1"}`)
		ordinauttest.Pass(time.Second)
		if n := len(runsOf(t, w, id)); n != 2 {
			t.Errorf("got %d runs after the expression was changed, want 2: it is another condition", n)
		}
		w.Do("task.cancel", `{"task": "restock"}`)
		before = shop.asked.Load()
		ordinauttest.Pass(time.Hour)
		if shop.asked.Load() != before {
			t.Error("a canceled condition is looked at")
		}
	})
}

func TestAProbeThatFailsIsMadeLessOften(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		shop := &shop{}
		w := ordinauttest.Start(t, ordinauttest.Options{Script: shop.script()})
		id := w.Create(restock)
		shop.stock.Store(1)
		ordinauttest.Pass(time.Minute)
		shop.away.Store(true)
		ordinauttest.Pass(time.Minute)
		before := shop.asked.Load()
		ordinauttest.Pass(2 * time.Hour)
		got := conditionOf(t, w, "restock").Probe
		if asked := shop.asked.Load() - before; asked < 12 || asked > 20 {
			t.Errorf("asked %d times in two hours, want about one in ten minutes", asked)
		}
		if got.Status != "failing" || !got.Holds || got.Failures < 12 || got.Error == nil || got.Error.Code != ordinaut.CodeToolUnavailable {
			t.Errorf("got %+v, want a condition that stands as it did and says why nobody knows", got)
		}
		shop.away.Store(false)
		ordinauttest.Pass(11 * time.Minute)
		if got := conditionOf(t, w, "restock").Probe; got.Status != "true" || got.Failures != 0 || len(runsOf(t, w, id)) != 1 {
			t.Errorf("got %+v and %d runs, want a condition that has been true all the time", got, len(runsOf(t, w, id)))
		}
	})
}

// deaf is a store whose answers are lost now and then, after it has written.
type deaf struct {
	engine.ProbeStore
	settled atomic.Int64
}

func (d *deaf) SettleProbe(ctx context.Context, l ordinaut.Look) (bool, error) {
	done, err := d.ProbeStore.SettleProbe(ctx, l)
	if err == nil && d.settled.Add(1)%3 == 0 {
		return false, errors.New("the connection broke")
	}
	return done, err
}

// TestEdgesAreCountedOnce lets a stock come and go while the process dies again
// and again, also while it looks, and answers of the store are lost: there is a
// run for each time the stock has come, and no other.
func TestEdgesAreCountedOnce(t *testing.T) {
	t.Parallel()
	const edges, crashes = 20, 40
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 1))
	synctest.Test(t, func(t *testing.T) {
		shop := &shop{takes: 3 * time.Second}
		w := ordinauttest.Start(t, ordinauttest.Options{
			Script: shop.script(), Tune: func(o *engine.Options) { o.Probes = &deaf{ProbeStore: o.Probes} },
		})
		id := w.Create(restock)
		ordinauttest.Pass(time.Minute)
		died := 0
		for range edges {
			for _, stock := range []int64{1, 0} {
				shop.stock.Store(stock)
				for died < crashes && random.IntN(3) > 0 {
					ordinauttest.Pass(time.Duration(random.IntN(20_000)) * time.Millisecond)
					w.Crash()
					w.Restart()
					died++
				}
				ordinauttest.Pass(limits.ProbeLease + 20*time.Second) // so that somebody looks, whoever held it
			}
		}
		runs := runsOf(t, w, id)
		for _, run := range runs {
			if run.Status != ordinaut.RunSucceeded {
				t.Errorf("got the run %+v, want that all of them succeed", run)
			}
		}
		if len(runs) != edges {
			t.Errorf("got %d runs of %d edges", len(runs), edges)
		}
		t.Logf("seed %d: %d edges, %d crashes, %d looks, %d runs", seed, edges, died, shop.asked.Load(), len(runs))
	})
}

func TestAConditionThatCannotBeIsRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := ordinauttest.Start(t, ordinauttest.Options{Script: new(shop).script()})
		for _, c := range []struct {
			was, is string
			code    ordinaut.Code
			at      string
		}{
			{`"stock > 0"`, `""`, ordinaut.CodeScheduleCondition, "/schedule_expr"},
			{`"stock > 0"`, `"stock >"`, ordinaut.CodeExprSyntax, "/schedule_expr"},
			{`"every_seconds": 10`, `"every_seconds": 4`, ordinaut.CodeFieldValue, "/payload/probe/every_seconds"},
			{`"every_seconds": 10`, `"timeout_seconds": 5`, ordinaut.CodeFieldRequired, "/payload/probe/every_seconds"},
			{`"every_seconds": 10`, `"every_seconds": 10, "timeout_seconds": 61`, ordinaut.CodeFieldValue, "/payload/probe/timeout_seconds"},
			{`"every_seconds": 10`, `"every_seconds": 10, "retry": {}`, ordinaut.CodeFieldUnknown, "/payload/probe/retry"},
			{`"every_seconds": 10`, `"every_seconds": "10"`, ordinaut.CodeFieldType, "/payload/probe/every_seconds"},
			{`"script.stock"`, `"script.stick"`, ordinaut.CodeToolNotFound, "/payload/probe/uses"},
			{`"script.stock"`, `"task.create"`, ordinaut.CodeToolInput, "/payload/probe/with/item"},
			{`"script.stock", "with": {"item": "${params.item}"}`, `"system.sleep", "with": {"seconds": 5}`, ordinaut.CodePipelineStep, "/payload/probe/uses"},
			{`"${params.item}"`, `"${steps.tell}"`, ordinaut.CodePipelineReference, "/payload/probe/with/item"},
			{`"schedule_kind": "condition", "schedule_expr": "stock > 0"`, `"schedule_kind": "cron", "schedule_expr": "0 9 * * *"`, ordinaut.CodePipelineNoEffect, "/payload/probe"},
			{`"probe": {"uses": "script.stock", "with": {"item": "${params.item}"}, "every_seconds": 10},`, ``, ordinaut.CodeScheduleCondition, "/payload/probe"},
			{`{"uses": "script.stock", "with": {"item": "${params.item}"}, "every_seconds": 10}`, `[]`, ordinaut.CodeFieldType, "/payload/probe"},
		} {
			_, err := w.Call("task.create", strings.Replace(restock, c.was, c.is, 1))
			var got []string
			for _, f := range ordinaut.AsError(err).All() {
				got = append(got, string(f.Code)+" "+f.At)
			}
			if want := string(c.code) + " " + c.at; err == nil || !strings.Contains(strings.Join(got, "\n"), want) {
				t.Errorf("%s: got %q, want %s (%v)", c.is, got, want, errors.Unwrap(err))
			}
		}
	})
}
