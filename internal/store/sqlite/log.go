package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// openLog makes the triggers that log what becomes of runs and steps. They live
// as long as the connection, because only it knows the time of a transaction.
func openLog(ctx context.Context, s *statements) error {
	var errs [6]error
	_, errs[0] = s.exec(ctx, "LogClock")
	_, errs[1] = s.exec(ctx, "StartClock")
	_, errs[2] = s.exec(ctx, "LogRunMoved")
	_, errs[3] = s.exec(ctx, "LogStepMade")
	_, errs[4] = s.exec(ctx, "LogStepMoved")
	_, errs[5] = s.exec(ctx, "LogWaitMade")
	return errors.Join(errs[:]...)
}

// logMade logs that a run was made.
func (t *tx) logMade(r ordinaut.Run) error {
	var until any
	if r.ScheduledFor.After(t.now) {
		until = micros(r.ScheduledFor)
	}
	_, err := t.exec("LogRunMade", string(r.ID), micros(t.now), string(r.Status), until)
	return err
}

// setClock tells the triggers the time of the transaction.
func setClock(ctx context.Context, s *statements, now time.Time) error {
	_, err := s.exec(ctx, "SetClock", micros(now))
	return err
}

// AppendLog adds what tools have said.
func (s *Store) AppendLog(ctx context.Context, lines ...ordinaut.LogLine) error {
	if err := s.write(ctx, func(t *tx) error { return t.appendLog(lines) }); err != nil {
		return fmt.Errorf("append %d lines to logs: %w", len(lines), err)
	}
	return nil
}

// appendLog adds lines run by run, in the order of each.
func (t *tx) appendLog(lines []ordinaut.LogLine) error {
	var order []ordinaut.RunID
	byRun := map[ordinaut.RunID][]ordinaut.LogLine{}
	for _, l := range lines {
		if byRun[l.RunID] == nil {
			order = append(order, l.RunID)
		}
		byRun[l.RunID] = append(byRun[l.RunID], l)
	}
	for _, id := range order {
		if err := t.appendLogOf(id, byRun[id]); err != nil {
			return err
		}
	}
	return nil
}

// logSize is how much a run's log holds of what tools said, and how many lines
// it left out.
type logSize struct{ bytes, left int }

func scanLogSize(r *sql.Rows, s *logSize) error { return r.Scan(&s.bytes, &s.left) }

// lineCost is what a line takes beside its text.
const lineCost = 64

// appendLogOf adds lines to the log of one run, as far as there is room.
func (t *tx) appendLogOf(id ordinaut.RunID, lines []ordinaut.LogLine) error {
	size, err := seen(t, "LogSize", scanLogSize, string(id))
	if errors.Is(err, ordinaut.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	left := size.left
	for _, l := range lines {
		if size.bytes+len(l.Text)+lineCost > limits.RunLogBytes {
			size.left++
			continue
		}
		size.bytes += len(l.Text) + lineCost
		if err := t.insertLogLine(id, l); err != nil {
			return err
		}
	}
	if _, err := t.exec("SaveLogSize", string(id), size.bytes, size.left); err != nil || size.left == left {
		return err
	}
	// The line that says what is missing moves to the end, so that readers who
	// have seen it before see that it has changed.
	if _, err := t.exec("DeleteLogFull", string(id)); err != nil {
		return err
	}
	return t.insertLogLine(id, ordinaut.LogLine{At: t.now, Kind: ordinaut.LogFull, Text: fmt.Sprintf(
		"… %d lines left out: the log of a run keeps %d KiB", size.left, limits.RunLogBytes>>10)})
}

func (t *tx) insertLogLine(id ordinaut.RunID, l ordinaut.LogLine) error {
	_, err := t.exec("InsertLogLine", string(id), micros(l.At), string(l.Kind), l.Step, l.Attempt, l.Tool, l.Status, l.Text)
	return err
}

// ListLog lists lines in their order.
func (s *Store) ListLog(ctx context.Context, f ordinaut.LogFilter) ([]ordinaut.LogLine, error) {
	from := int64(0)
	if !f.From.IsZero() {
		from = micros(f.From)
	}
	args := []any{f.After, from, f.Step, page(f.Limit)}
	if f.RunID != "" {
		return all(ctx, s.read, "ListLogOfRun", scanLogLine, append(args, string(f.RunID))...)
	}
	return all(ctx, s.read, "ListLog", scanLogLine, append(args, string(f.TaskID))...)
}

func scanLogLine(r *sql.Rows, l *ordinaut.LogLine) error {
	return r.Scan(&l.Seq, &l.RunID, (*instant)(&l.At), &l.Kind, &l.Step, &l.Attempt, &l.Tool, &l.Status, &l.Text,
		decoded{&l.Failure}, optional{&l.Until})
}

// LogEnd is the position of the newest line of all.
func (s *Store) LogEnd(ctx context.Context) (int64, error) {
	return first(ctx, s.read, "LogEnd", scanPosition)
}

func scanPosition(r *sql.Rows, seq *int64) error { return r.Scan(seq) }

// pruneLog deletes the logs of runs.
func (t *tx) pruneLog(runs string) error {
	var errs [3]error
	_, errs[0] = t.exec("MarkGone", runs)
	_, errs[1] = t.exec("PruneLog", runs)
	_, errs[2] = t.exec("PruneLogSizes", runs)
	return errors.Join(errs[:]...)
}
