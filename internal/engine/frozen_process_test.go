package engine_test

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/tool"
)

// slowDisk is how long a question to the store, or the answer, may be on its way.
const slowDisk = 300 * time.Millisecond

// A process is one engine's way into the world: to the store and to its tools.
// Frozen, it stands still, as one that was sent SIGSTOP: what it has sent arrives
// and what it has received is read when it thaws, however late that is. Its tools
// are not of it, and go on.
type process struct {
	ordinaut.Store
	witness *witnessed
	name    string
	lease   time.Duration // for which its worker relies upon a lease

	mu     sync.Mutex
	gate   chan struct{} // closed by the thaw; nil while it works
	random *rand.Rand
	trust  map[ordinaut.RunID]trust
}

// trust is what a worker believes of a run.
type trust struct {
	fence int64
	until time.Time
}

func newProcess(name string, over *witnessed, relies time.Duration, seed uint64) *process {
	return &process{
		Store: over, witness: over, name: name, lease: relies,
		random: rand.New(rand.NewPCG(seed, 7)),
		trust:  map[ordinaut.RunID]trust{},
	}
}

func (p *process) freeze() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.gate = make(chan struct{})
}

func (p *process) thaw() {
	p.mu.Lock()
	defer p.mu.Unlock()
	close(p.gate)
	p.gate = nil
}

// stand waits while the process is frozen.
func (p *process) stand() {
	p.mu.Lock()
	gate := p.gate
	p.mu.Unlock()
	if gate != nil {
		<-gate
	}
}

// some is a time of up to most.
func (p *process) some(most time.Duration) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return time.Duration(p.random.Int64N(int64(most)))
}

// through carries a question to the store and its answer back. What has left the
// process is not taken back when it changes its mind.
func through[T any](ctx context.Context, p *process, ask func(context.Context) (T, error)) (T, error) {
	if err := ctx.Err(); err != nil {
		var none T
		return none, err
	}
	<-time.After(p.some(slowDisk))
	p.stand()
	answer, err := ask(context.WithoutCancel(ctx))
	<-time.After(p.some(slowDisk))
	p.stand()
	return answer, err
}

// told is through for a question whose answer is only that it was done.
func (p *process) told(ctx context.Context, ask func(context.Context) error) error {
	_, err := through(ctx, p, func(ctx context.Context) (struct{}, error) { return struct{}{}, ask(ctx) })
	return err
}

func (p *process) Due(ctx context.Context, limit int) (ordinaut.Due, error) {
	return through(ctx, p, func(ctx context.Context) (ordinaut.Due, error) { return p.Store.Due(ctx, limit) })
}

func (p *process) Materialize(ctx context.Context, ms []ordinaut.Materialization) ([]bool, error) {
	return through(ctx, p, func(ctx context.Context) ([]bool, error) { return p.Store.Materialize(ctx, ms) })
}

func (p *process) Task(ctx context.Context, ref ordinaut.TaskRef) (ordinaut.Task, error) {
	return through(ctx, p, func(ctx context.Context) (ordinaut.Task, error) { return p.Store.Task(ctx, ref) })
}

func (p *process) Steps(ctx context.Context, id ordinaut.RunID) ([]ordinaut.StepResult, error) {
	return through(ctx, p, func(ctx context.Context) ([]ordinaut.StepResult, error) { return p.Store.Steps(ctx, id) })
}

func (p *process) Canceling(ctx context.Context, worker string) ([]ordinaut.RunID, error) {
	return through(ctx, p, func(ctx context.Context) ([]ordinaut.RunID, error) { return p.Store.Canceling(ctx, worker) })
}

func (p *process) Answered(ctx context.Context, worker string) ([]ordinaut.RunID, error) {
	return through(ctx, p, func(ctx context.Context) ([]ordinaut.RunID, error) { return p.Store.Answered(ctx, worker) })
}

func (p *process) Wake(ctx context.Context, limit int) (ordinaut.Woken, error) {
	return through(ctx, p, func(ctx context.Context) (ordinaut.Woken, error) { return p.Store.Wake(ctx, limit) })
}

func (p *process) Reclaim(ctx context.Context) (int, error) {
	return through(ctx, p, p.Store.Reclaim)
}

// Claim also notes how long its worker may rely upon the leases: it counts from
// when it asked, on a clock that goes on while it is frozen.
func (p *process) Claim(ctx context.Context, worker string, n int, lease time.Duration) (ordinaut.Claim, error) {
	sent := time.Now()
	claim, err := through(ctx, p, func(ctx context.Context) (ordinaut.Claim, error) {
		return p.Store.Claim(ctx, worker, n, lease)
	})
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range claim.Runs {
		p.trust[c.Run.ID] = trust{c.Lease.Fence, sent.Add(p.lease)}
	}
	return claim, err
}

// Renew see Claim.
func (p *process) Renew(ctx context.Context, ls []ordinaut.Lease, lease time.Duration) ([]ordinaut.RunID, error) {
	sent := time.Now()
	lost, err := through(ctx, p, func(ctx context.Context) ([]ordinaut.RunID, error) { return p.Store.Renew(ctx, ls, lease) })
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, l := range ls {
		if p.trust[l.RunID].fence == l.Fence {
			p.trust[l.RunID] = trust{l.Fence, sent.Add(p.lease)}
		}
	}
	return lost, nil
}

func (p *process) SaveStep(ctx context.Context, l ordinaut.Lease, steps ...ordinaut.StepResult) error {
	return p.told(ctx, func(ctx context.Context) error { return p.Store.SaveStep(ctx, l, steps...) })
}

func (p *process) Settle(ctx context.Context, l ordinaut.Lease, o ordinaut.Outcome) error {
	return p.told(ctx, func(ctx context.Context) error { return p.Store.Settle(ctx, l, o) })
}

// Tools is the one tool of the process.
func (p *process) Tools(context.Context) ([]ordinaut.Tool, error) {
	return []ordinaut.Tool{{Address: "script.work"}}, nil
}

// Call works for some seconds, and answers with the path of the step. A step named
// b fails at its first attempt. An answer that came while the process was frozen is
// there when it thaws, and nobody takes it away.
func (p *process) Call(ctx context.Context, c tool.Call) (tool.Result, error) {
	p.stand()
	if err := ctx.Err(); err != nil {
		return tool.Result{}, err
	}
	p.mu.Lock()
	p.witness.called(p.name, c, p.trust[c.RunID])
	p.mu.Unlock()
	answers := time.Now().Add(500*time.Millisecond + p.some(7*time.Second))
	select {
	case <-time.After(time.Until(answers)):
	case <-ctx.Done():
	}
	p.stand()
	if time.Now().Before(answers) {
		return tool.Result{}, ctx.Err()
	}
	if c.Step == "b" && c.Attempt == 1 {
		return tool.Result{}, &ordinaut.Error{Code: ordinaut.CodeToolFailed, Message: "not yet", Fix: "try again"}
	}
	output, err := json.Marshal(c.Step)
	return tool.Result{Output: output}, err
}
