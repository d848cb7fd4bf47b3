package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

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
	for _, run := range order {
		if err := t.appendLogOf(run, byRun[run]); err != nil {
			return err
		}
	}
	return nil
}

// logSize is how much a run's log holds of what tools said, and how many lines
// it left out.
type logSize struct{ bytes, missing int }

func scanLogSize(r row, s *logSize) error { return r.Scan(&s.bytes, &s.missing) }

// lineCost is what a line takes beside its text.
const lineCost = 64

// appendLogOf adds lines to the log of one run, as far as there is room.
func (t *tx) appendLogOf(run ordinaut.RunID, lines []ordinaut.LogLine) error {
	size, err := changedRow(t, "LockLogSize", scanLogSize, id(run))
	if errors.Is(err, ordinaut.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	missing := size.missing
	for _, l := range lines {
		if size.bytes+len(l.Text)+lineCost > limits.RunLogBytes {
			size.missing++
			continue
		}
		size.bytes += len(l.Text) + lineCost
		if err := t.insertLogLine(run, l); err != nil {
			return err
		}
	}
	if _, err := t.exec("SaveLogSize", id(run), size.bytes, size.missing); err != nil || size.missing == missing {
		return err
	}
	// The line that says what is missing moves to the end, so that readers who
	// have seen it before see that it has changed.
	if _, err := t.exec("DeleteLogFull", id(run)); err != nil {
		return err
	}
	return t.insertLogLine(run, ordinaut.LogLine{At: t.now, Kind: ordinaut.LogFull, Text: fmt.Sprintf(
		"… %d lines left out: the log of a run keeps %d KiB", size.missing, limits.RunLogBytes>>10)})
}

func (t *tx) insertLogLine(run ordinaut.RunID, l ordinaut.LogLine) error {
	_, err := t.exec("InsertLogLine", id(run), l.At, string(l.Kind), l.Step, l.Attempt, l.Tool, l.Status, plain(l.Text))
	return err
}

// stamp gives positions to what was told and committed. Whoever reads the log does
// so first.
func (s *Store) stamp(ctx context.Context) error {
	told, err := first(ctx, s, "SomethingTold", scanFlag)
	if err != nil || !told {
		return err
	}
	return s.write(ctx, func(t *tx) error { return t.stamp() })
}

func (t *tx) stamp() error {
	if err := t.lock("LockLog"); err != nil {
		return err
	}
	return t.lock("Stamp")
}

// ListLog lists lines in their order.
func (s *Store) ListLog(ctx context.Context, f ordinaut.LogFilter) ([]ordinaut.LogLine, error) {
	if err := s.stamp(ctx); err != nil {
		return nil, err
	}
	from, _ := always()
	if !f.From.IsZero() {
		from = f.From
	}
	args := []any{f.After, from, f.Step, page(f.Limit)}
	if f.RunID != "" {
		return all(ctx, s, "ListLogOfRun", scanLogLine, append(args, id(f.RunID))...)
	}
	return all(ctx, s, "ListLog", scanLogLine, append(args, id(f.TaskID))...)
}

func scanLogLine(r row, l *ordinaut.LogLine) error {
	return r.Scan(&l.Seq, &l.RunID, &l.At, &l.Kind, &l.Step, &l.Attempt, &l.Tool, &l.Status, &l.Text,
		decoded{&l.Failure}, &l.Until)
}

// LogEnd is the position of the newest line of all.
func (s *Store) LogEnd(ctx context.Context) (int64, error) {
	if err := s.stamp(ctx); err != nil {
		return 0, err
	}
	return first(ctx, s, "LogEnd", scanPosition)
}

func scanPosition(r row, seq *int64) error { return r.Scan(seq) }

// pruneLog deletes the logs of runs.
func (t *tx) pruneLog(runs []string) error {
	for _, clear := range []func() (int64, error){
		func() (int64, error) { return t.exec("MarkGone", runs) },
		func() (int64, error) { return t.exec("PruneLog", runs) },
		func() (int64, error) { return t.exec("PruneLogSizes", runs) },
	} {
		if _, err := clear(); err != nil {
			return err
		}
	}
	return nil
}
