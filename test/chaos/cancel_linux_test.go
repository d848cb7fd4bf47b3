package chaos

import (
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/service"
	"github.com/ordinaut/ordinaut/test/realtest"
)

const (
	effect  = 2 * time.Second // within which a cancel takes effect
	callers = 12
	gone    = 2 * time.Second // until no process is left
)

// TestCanceledRunsLeaveNothingBehind cancels runs of slow MCP tools at random
// instants over HTTP: two hundred times, and in the long form two thousand. A
// cancel takes effect within two seconds, also when the tool does not listen; no
// run comes back; and no process outlives the server.
func TestCanceledRunsLeaveNothingBehind(t *testing.T) {
	cancels := 200
	if os.Getenv("ORDINAUT_CHAOS") == "long" {
		cancels = 2000
	}
	random := seed(t)
	dir, snail := t.TempDir(), realtest.Build(t, "./snail")
	s := realtest.Start(t, realtest.Options{Dir: dir, Tools: map[string]any{"snail": map[string]any{"command": snail}}})
	c := &canceler{t: t, s: s, took: map[string][]time.Duration{}, ended: map[ordinaut.RunID]time.Time{}}
	for _, tool := range []string{"slow", "deaf", "breed"} {
		c.tasks = append(c.tasks, s.Create(t, realtest.Manual(tool,
			realtest.Step{"id": "warm", "uses": "snail.slow", "with": map[string]any{"seconds": 0.1}},
			realtest.Step{"id": tool, "uses": "snail." + tool, "with": map[string]any{"seconds": 20}},
		)))
	}
	c.many(cancels, random)
	c.judge(dir)
	ours := func() []string { return realtest.Processes(t, filepath.Dir(snail)) }
	before := len(ours())
	s.Stop()
	left := realtest.Await(t, gone, "no process is left after a stop", func() bool { return len(ours()) == 0 })
	t.Logf("%d processes before the stop, none %s after it", before, left.Round(time.Millisecond))
}

// canceler starts runs and cancels them.
type canceler struct {
	t     *testing.T
	s     *realtest.Server
	tasks []ordinaut.TaskID

	mu    sync.Mutex
	took  map[string][]time.Duration // from the cancel to the end, by the last step begun
	ended map[ordinaut.RunID]time.Time
}

// many cancels so many runs, several at once.
func (c *canceler) many(n int, random *rand.Rand) {
	type turn struct {
		task  ordinaut.TaskID
		after time.Duration
	}
	turns := make(chan turn)
	var all sync.WaitGroup
	for range callers {
		all.Go(func() {
			for next := range turns {
				c.one(next.task, next.after)
			}
		})
	}
	for range n {
		turns <- turn{c.tasks[random.IntN(len(c.tasks))], time.Duration(random.Int64N(int64(600 * time.Millisecond)))}
	}
	close(turns)
	all.Wait()
}

// one starts a run, and cancels it after a while.
func (c *canceler) one(task ordinaut.TaskID, after time.Duration) {
	var run service.Run
	if err := c.s.Send(c.t.Context(), http.MethodPost, "/v1/tasks/"+string(task)+"/run", struct{}{}, &run); err != nil {
		c.t.Errorf("run: %v", err)
		return
	}
	work(after)
	asked := time.Now()
	if err := c.s.Send(c.t.Context(), http.MethodPost, run.Location()+"/cancel", struct{}{}, &run); err != nil {
		c.t.Errorf("cancel: %v", err)
		return
	}
	if err := c.s.Send(c.t.Context(), http.MethodGet, run.Location()+"?wait_seconds=30", nil, &run); err != nil {
		c.t.Errorf("wait: %v", err)
		return
	}
	if run.Status != ordinaut.RunCanceled || run.FinishedAt == nil {
		c.t.Errorf("run %s is %s after it was canceled", run.ID, run.Status)
		return
	}
	at := "none"
	for _, step := range run.Steps {
		at = step.Path
		if step.Status == ordinaut.StepRunning {
			c.t.Errorf("run %s has ended, and its step %s is running", run.ID, step.Path)
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.took[at] = append(c.took[at], run.FinishedAt.Sub(asked))
	c.ended[run.ID] = *run.FinishedAt
}

// judge looks how long the cancels took, and that every run is as it ended.
func (c *canceler) judge(dir string) {
	for at, took := range c.took {
		slices.Sort(took)
		longest := took[len(took)-1]
		if longest > effect {
			c.t.Errorf("of cancels at step %s one took effect after %s, want at most %s", at, longest, effect)
		}
		c.t.Logf("%4d cancels at step %-5s took effect in %s, the longest in %s", len(took), at,
			took[len(took)/2].Round(time.Millisecond), longest.Round(time.Millisecond))
	}
	for id, at := range c.ended {
		var run service.Run
		c.s.Ask(c.t, http.MethodGet, "/v1/runs/"+string(id), nil, &run)
		if run.Status != ordinaut.RunCanceled || run.FinishedAt == nil || !run.FinishedAt.Equal(at) {
			c.t.Errorf("run %s had ended, and is %s", id, run.Status)
		}
	}
	var others int
	query(c.t, open(c.t, dir), `select count(*) from run where status <> 'canceled'`, &others)
	if others > 0 {
		c.t.Errorf("%d runs are not canceled", others)
	}
}
