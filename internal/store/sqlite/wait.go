package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/ordinaut/ordinaut"
)

// saveWait records what a step waits for. A run that has ended before somebody
// waits for its end is the answer at once.
func (t *tx) saveWait(id ordinaut.RunID, s ordinaut.StepResult) error {
	if s.Wait == nil {
		return fmt.Errorf("step %s waits for nothing", s.Path)
	}
	_, err := t.exec("SaveWait", string(id), s.Path, string(s.Wait.Kind), s.Wait.Key,
		microsOrNull(s.Wait.Until), document(s.Wait.Then))
	switch {
	case err != nil:
		return err
	case s.Wait.Kind == ordinaut.WaitEvent:
		return t.keepEventWait(id, s.Path, *s.Wait)
	case s.Wait.Kind != ordinaut.WaitRun:
		return nil
	}
	run, err := seen(t, "Run", scanOneRun, s.Wait.Key)
	if errors.Is(err, ordinaut.ErrNotFound) || err == nil && !run.Status.Final() {
		return nil
	}
	if err != nil {
		return err
	}
	return t.answerWith(run)
}

// answerWith gives a run that has ended to those who wait for its end.
func (t *tx) answerWith(run ordinaut.Run) error {
	answer, err := encoded(struct {
		ID      ordinaut.RunID     `json:"run_id"`
		Status  ordinaut.RunStatus `json:"status"`
		Output  json.RawMessage    `json:"output"`
		Failure *ordinaut.Failure  `json:"failure"`
	}{run.ID, run.Status, run.Output, run.Failure})
	if err != nil {
		return err
	}
	waiting, err := changedRows(t, "AnswerWithRun", scanRunID, string(run.ID), answer)
	if err != nil {
		return err
	}
	for _, id := range waiting {
		if err := t.goOn(id); err != nil {
			return err
		}
	}
	return nil
}

// dropWaits forgets the waits of a run whose steps wait no longer, and answers
// with the runs for whose end they had waited in vain.
func (t *tx) dropWaits(id ordinaut.RunID) ([]ordinaut.RunID, error) {
	return changedRows(t, "DropWaits", scanRunID, string(id))
}

// forsake forgets the waits of a run that has closed its steps, and cancels the
// runs that nobody waits for now.
func (t *tx) forsake(id ordinaut.RunID) error {
	children, err := t.dropWaits(id)
	if err != nil {
		return err
	}
	for _, child := range children {
		if child == "" {
			continue
		}
		err := t.cancelRun(child, ordinaut.ReasonCanceled)
		if err != nil && !errors.Is(err, ordinaut.ErrRunEnded) && !errors.Is(err, ordinaut.ErrNotFound) {
			return err
		}
	}
	return nil
}

// Answer answers a wait.
func (s *Store) Answer(ctx context.Context, a ordinaut.Answer, c ordinaut.Change) error {
	err := s.change(ctx, c, func(t *tx) error { return t.answer(a) })
	if err != nil {
		return fmt.Errorf("answer step %s of run %s: %w", a.Path, a.RunID, err)
	}
	return nil
}

func (t *tx) answer(a ordinaut.Answer) error {
	if len(a.Data) == 0 {
		return errors.New("the answer is empty")
	}
	taken, err := t.changed("Answer", string(a.RunID), a.Path, document(a.Data), micros(t.now))
	if err != nil {
		return err
	}
	if taken {
		return t.goOn(a.RunID)
	}
	answered, err := seen(t, "HasAnswer", scanFlag, string(a.RunID), a.Path)
	switch {
	case err != nil:
		return err
	case answered:
		return ordinaut.ErrAnswered
	}
	return ordinaut.ErrNotFound // its time is over
}

// goOn lets a run go on of which a wait was answered: one that waits is due, and
// the worker of one that is under way is told.
func (t *tx) goOn(id ordinaut.RunID) error {
	due, err := t.changed("GoOn", string(id), micros(t.now))
	if due {
		t.signal(ordinaut.SignalQueue)
	} else {
		t.signal(ordinaut.SignalAnswers)
	}
	return err
}

// Answered names the runs that the worker holds and of which a wait was answered.
func (s *Store) Answered(ctx context.Context, worker string) ([]ordinaut.RunID, error) {
	return all(ctx, s.read, "Answered", scanRunID, worker)
}

// Wake lets up to limit waiting runs go on of which a wait is over.
func (s *Store) Wake(ctx context.Context, limit int) (woken ordinaut.Woken, err error) {
	err = s.write(ctx, func(t *tx) error {
		n, err := t.exec("Wake", micros(t.now), limit)
		if err != nil {
			return err
		}
		if woken.Runs = int(n); n > 0 {
			t.signal(ordinaut.SignalQueue)
		}
		woken.Next, err = seen(t, "NextWake", scanOptional)
		return err
	})
	if err != nil {
		return ordinaut.Woken{}, fmt.Errorf("wake runs: %w", err)
	}
	return woken, nil
}

// ListWaits finds waits, those that have waited longest first.
func (s *Store) ListWaits(ctx context.Context, f ordinaut.WaitFilter) ([]ordinaut.Waiting, error) {
	kinds := f.Kinds
	if len(kinds) == 0 {
		kinds = []ordinaut.WaitKind{ordinaut.WaitApproval, ordinaut.WaitDoubt, ordinaut.WaitSleep, ordinaut.WaitRun, ordinaut.WaitEvent}
	}
	wanted, err := list(kinds)
	if err != nil {
		return nil, err
	}
	args := []any{wanted, string(f.TaskID), string(f.CreatedBy), f.Open, page(f.Limit)}
	if f.RunID != "" {
		return all(ctx, s.read, "ListWaitsOfRun", scanWaiting, append(args, string(f.RunID))...)
	}
	return all(ctx, s.read, "ListWaits", scanWaiting, args...)
}

func scanWaiting(r *sql.Rows, w *ordinaut.Waiting) error {
	return scanStepAfter(r, &w.Step, &w.RunID, &w.TaskID)
}
