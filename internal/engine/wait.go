package engine

import (
	"context"
	"errors"
	"time"

	"github.com/ordinaut/ordinaut"
)

// await takes in the answers of calls that there are, and waits for the first. The
// answer to a wait, and a moment at which a wait is over or a step is tried again,
// end it too. Calls under way end with the context by themselves, and are waited
// for.
func (x executor) await(ctx context.Context, e *execution, until *time.Time) error {
	var due <-chan time.Time
	if until != nil {
		timer := time.NewTimer(time.Until(*until))
		defer timer.Stop()
		due = timer.C
	}
	var cutOff <-chan struct{}
	if e.underway == 0 {
		cutOff = ctx.Done()
	}
	select {
	case a := <-e.answers:
		e.underway--
		return errors.Join(x.absorb(ctx, e, a), x.more(ctx, e))
	case <-e.answered:
		return x.hear(ctx, e)
	case <-due:
		return nil
	case <-cutOff:
		return e.expired(ctx)
	}
}

// expired ends a run that was waiting when it was cut off, or its time was over.
func (e *execution) expired(ctx context.Context) error {
	if errors.Is(context.Cause(ctx), errRunTimeout) {
		f := timedOut(e.task, "")
		e.over = &f
		return nil
	}
	return ctx.Err()
}

// hear tells the pipeline of the answers that waits of the run were given. Those that
// it knows already mean nothing more to it.
func (x executor) hear(ctx context.Context, e *execution) error {
	var steps []ordinaut.StepResult
	read := func(ctx context.Context) (err error) {
		steps, err = x.store.Steps(ctx, e.claimed.Run.ID)
		return err
	}
	if err := x.insist(ctx, read); err != nil {
		return err
	}
	for _, s := range steps {
		if s.Status == ordinaut.StepWaiting && s.Wait != nil && s.Wait.Answer != nil {
			e.progress.Answer(s.Path, s.Wait.Answer)
		}
	}
	return nil
}
