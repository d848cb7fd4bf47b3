package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/op"
)

// showRun is the operation that shows a run.
const showRun = "run.get"

// How a run is waited for: the server is asked to answer at its end, again and
// again, and not more often than once in the pause.
const (
	longestWait   = 20 * time.Second
	shortestPause = time.Second
)

// runState is what matters of a run while it is waited for.
type runState struct {
	ID      string             `json:"id"`
	Status  ordinaut.RunStatus `json:"status"`
	Reason  ordinaut.Reason    `json:"reason"`
	Failure *ordinaut.Failure  `json:"error"`
}

// await asks for an operation that gives a run, waits until the run has ended or
// the time is over, and prints the run as it then is.
func (a *app) await(ctx context.Context, o *op.Op, in *input) error {
	show := a.Ops.Find(showRun)
	if show == nil {
		return errors.New("wait for the run: no operation shows one")
	}
	until := time.Now().Add(in.wait.limit)
	left := func() time.Duration {
		if in.wait.limit == 0 {
			return longestWait
		}
		return time.Until(until)
	}
	ans, run, err := a.ask(ctx, o, in.sent, left())
	id := run.ID
	name, _ := quoted(id) // a string always marshals
	for err == nil && !run.Status.Final() && left() > 0 {
		ans, run, err = a.ask(ctx, show, fields{show.PathFields()[0]: name}, left())
	}
	if err != nil {
		if id != "" {
			a.say("%s", goesOn(id))
		}
		return in.located(err)
	}
	if o != show && a.output == "table" {
		err = a.summarize(ans, run)
	} else {
		err = a.print(show, in, ans)
	}
	if err != nil {
		return err
	}
	return run.verdict(in.wait.limit)
}

// ask asks for a run, and the server to answer when it has ended. It takes at
// least a moment unless it has, so that asking again cannot spin.
func (a *app) ask(ctx context.Context, o *op.Op, sent fields, left time.Duration) (ans answer, run runState, err error) {
	pause := time.NewTimer(min(shortestPause, left))
	defer pause.Stop()
	wait := min(longestWait, left.Round(time.Second))
	if a.Ops.RequestSchema(o).Properties[waitField] != nil {
		sent[waitField] = json.RawMessage(fmt.Sprint(int(wait.Seconds())))
	}
	if ans, err = a.call(ctx, o, sent, wait); err != nil {
		return ans, run, err
	}
	if err := json.Unmarshal(ans.body, &run); err != nil {
		return ans, run, fmt.Errorf("read the run: %w", err)
	}
	if !run.Status.Final() {
		select {
		case <-ctx.Done():
			return ans, run, ctx.Err()
		case <-pause.C:
		}
	}
	return ans, run, nil
}

func goesOn(id string) string { return "the run goes on; look at it: ordinaut runs get " + id }

// verdict is nil for a run that succeeded.
func (r runState) verdict(waited time.Duration) error {
	switch {
	case r.Status == ordinaut.RunSucceeded:
		return nil
	case !r.Status.Final():
		return &ordinaut.Error{
			Code: ordinaut.CodeCommandTimeout, Message: fmt.Sprintf("the run is %s after %s", r.Status, waited), Fix: goesOn(r.ID),
		}
	}
	e := &ordinaut.Error{
		Code: ordinaut.CodeCommandRunFailed, Message: "the run " + string(r.Status), Fix: "see its steps: ordinaut runs get " + r.ID,
	}
	switch {
	case r.Failure != nil:
		e.Message += ": " + r.Failure.Message
		if r.Failure.Step != "" {
			e.At = "step " + r.Failure.Step
		}
		if r.Failure.Fix != "" {
			e.Fix = r.Failure.Fix
		}
	case r.Reason != "":
		e.Message += ": " + string(r.Reason)
	}
	return e
}
