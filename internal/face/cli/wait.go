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
// again, and not more often than once in the pause. It is asked soon at first, as
// a run that waits for its user is to be seen to.
const (
	firstWait     = 2 * time.Second
	longestWait   = 20 * time.Second
	shortestPause = time.Second
)

// runState is what matters of a run while it is waited for.
type runState struct {
	ID      string             `json:"id"`
	Status  ordinaut.RunStatus `json:"status"`
	Reason  ordinaut.Reason    `json:"reason"`
	Failure *ordinaut.Failure  `json:"error"`
	Steps   []waitingStep      `json:"steps"`
}

// waitingStep is what matters of a step while its run is waited for.
type waitingStep struct {
	Path string `json:"path"`
	Wait *struct {
		Since   time.Time `json:"since"`
		Message string    `json:"message"`
		Fix     string    `json:"fix"`
	} `json:"wait"`
}

// await asks for an operation that gives a run, waits until the run has ended or
// the time is over, and prints the run as it then is. Of a run that waits for its
// user it says so meanwhile.
func (a *app) await(ctx context.Context, o *op.Op, in *input) error {
	show := a.Ops.Find(showRun)
	if show == nil {
		return errors.New("wait for the run: no operation shows one")
	}
	until := time.Now().Add(in.wait.limit)
	turn := firstWait
	left := func() time.Duration {
		if in.wait.limit == 0 {
			return turn
		}
		return min(turn, time.Until(until))
	}
	ans, run, err := a.ask(ctx, o, in.sent, left())
	id := run.ID
	name, _ := quoted(id) // a string always marshals
	told := map[string]bool{}
	for err == nil && !run.Status.Final() && left() > 0 {
		a.tellWaits(run, told)
		turn = min(2*turn, longestWait)
		ans, run, err = a.ask(ctx, show, fields{show.PathFields()[0]: name}, left())
	}
	a.tellWaits(run, told)
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
	wait := left.Round(time.Second)
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

// tellWaits says once of each step that waits for somebody what it asks, and how
// it can be made to go on.
func (a *app) tellWaits(run runState, told map[string]bool) {
	for _, step := range run.Steps {
		if step.Wait == nil || step.Wait.Fix == "" {
			continue
		}
		if key := step.Path + step.Wait.Since.String(); !told[key] {
			told[key] = true
			a.say("the run waits at %s: %s", step.Path, step.Wait.Message)
			a.say("  to go on  %s", step.Wait.Fix)
		}
	}
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
