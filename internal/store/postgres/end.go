package postgres

import (
	"github.com/ordinaut/ordinaut"
)

// stopped is a run that a statement has ended, or has asked to end, with what
// hangs on it. Whichever statement it was, the run comes here.
type stopped struct {
	id     ordinaut.RunID
	task   ordinaut.TaskID
	slot   string
	stands ordinaut.RunStatus
	reason ordinaut.Reason
	waits  bool // a step of it has waited
	child  bool // a step of another run asked for it
	open   bool // steps of it may be open
}

func scanStopped(r row, s *stopped) error {
	return r.Scan(&s.id, &s.task, &s.slot, &s.stands, &s.reason, &s.waits, &s.child, &s.open)
}

// stopped goes on from where runs stand that were canceled: the worker of one that
// is at work is asked, one that has something to undo does that first, and the
// others have ended.
func (t *tx) stopped(runs ...stopped) error {
	var gone []stopped
	for _, run := range runs {
		if run.stands == ordinaut.RunRunning {
			t.signal(ordinaut.SignalCancels)
			continue
		}
		undoes, err := t.undoFirst(run)
		if err != nil {
			return err
		}
		if !undoes {
			gone = append(gone, run)
		}
	}
	return t.ended(gone...)
}

// undoFirst gives a run that was canceled to the queue, to be undone, and says
// whether it has anything to undo.
func (t *tx) undoFirst(run stopped) (bool, error) {
	if !run.open {
		return false, nil
	}
	undoable, err := seen(t, "Undoable", scanFlag, id(run.id))
	if err != nil || !undoable {
		return false, err
	}
	ending, err := encoded(ordinaut.Ending{Status: run.stands, Reason: run.reason})
	if err != nil {
		return false, err
	}
	if _, err := t.exec("UndoFirst", id(run.id), t.now, ending); err != nil {
		return false, err
	}
	t.signal(ordinaut.SignalQueue)
	if err := t.closed(run); err != nil {
		return false, err
	}
	return true, t.unblock([]string{run.slot})
}

// ended closes what hangs on runs that have ended, moves them to the past, and
// releases what waits behind them. Every run that ends comes here, but for those on
// which nothing hangs.
func (t *tx) ended(runs ...stopped) error {
	if len(runs) == 0 {
		return nil
	}
	t.signal(ordinaut.SignalRuns)
	for _, run := range runs {
		if err := t.closed(run); err != nil {
			return err
		}
	}
	var gone []ordinaut.RunID
	var tasks []ordinaut.TaskID
	var slots []string
	for _, run := range runs {
		gone, tasks, slots = append(gone, run.id), append(tasks, run.task), append(slots, run.slot)
	}
	if _, err := t.exec("Archive", ids(gone)); err != nil {
		return err
	}
	for _, run := range runs {
		if err := t.told(run); err != nil {
			return err
		}
	}
	if err := t.releaseParked(tasks...); err != nil {
		return err
	}
	return t.unblock(slots)
}

// closed closes the steps of a run that nobody will say more of, and forsakes what
// they wait for.
func (t *tx) closed(run stopped) error {
	if run.open {
		if err := t.endSteps(run.id); err != nil {
			return err
		}
	}
	if !run.waits {
		return nil
	}
	return t.forsake(run.id)
}

// told tells a run's end to those who wait for it.
func (t *tx) told(child stopped) error {
	if !child.child {
		return nil
	}
	run, err := seen(t, "Run", scanOneRun, id(child.id))
	if err != nil {
		return err
	}
	return t.answerWith(run)
}

// endSteps closes the steps of a run that are at work or wait.
func (t *tx) endSteps(run ordinaut.RunID) error {
	failure, err := endedFirst()
	if err == nil {
		_, err = t.exec("EndSteps", id(run), failure, t.now)
	}
	return err
}

// endedFirst is the failure of a step that was open when its run came to an end.
func endedFirst() (string, error) {
	return encoded(ordinaut.Failure{
		Class: ordinaut.ClassCanceled, Code: ordinaut.CodeToolCanceled,
		Message: "the run ended before the step did, and nobody knows how far it had come",
		Fix:     "look at what its tool has done before you run the task again",
	})
}
