package engine

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/telemetry"
)

const (
	matchBatch  = 1000                 // events decided in one commit
	matchStride = 10_000               // positions that nobody looks out for are passed over so many at a time
	matchPace   = 5 * time.Millisecond // between two looks
	matchAnew   = time.Minute          // after so long the lookouts are read anew, to forget those that are gone
)

// matchStore is what the sequencer uses of the store.
type matchStore interface {
	ordinaut.Matching
	ListEvents(ctx context.Context, f ordinaut.EventFilter) ([]ordinaut.Event, error)
	Watch(s ordinaut.Signal) (<-chan struct{}, func())
}

// sequencer brings events together with those who look out for them. Any number
// of them may work on one store: each decides by itself, and the store takes the
// first decision on a range of events.
type sequencer struct {
	store matchStore
	log   *slog.Logger

	index *lookouts
	read  time.Time // when the index was read anew
	last  time.Time // when the last look began
	told  map[int64]bool
}

func newSequencer(o Options) *sequencer {
	return &sequencer{store: o.Store, log: o.Log, index: newLookouts(), told: map[int64]bool{}}
}

// run matches whatever there is, sleeps until the log grows or somebody begins to
// look out, and looks again.
func (s *sequencer) run(stop context.Context) error {
	signal, end := s.store.Watch(ordinaut.SignalLog)
	defer end()
	repeat(stop, signal, s.turn, func(err error) {
		s.log.Error("the sequencer could not match events", telemetry.KeyError, err)
	})
	return nil
}

// turn matches everything that there is to match, batch by batch. The log grows
// with each step of each run, and a look at each of them would be one too many.
func (s *sequencer) turn(ctx context.Context) (*time.Time, error) {
	if next := s.last.Add(matchPace); time.Now().Before(next) && !pause(ctx, &next, nil) {
		return nil, ctx.Err()
	}
	s.last = time.Now()
	for {
		if err := s.learn(ctx); err != nil {
			return nil, fmt.Errorf("read who looks out for events: %w", err)
		}
		if len(s.index.all) == 0 {
			return nil, nil
		}
		more, err := s.match(ctx)
		if err != nil || !more {
			return nil, err
		}
	}
}

// learn adds those who have begun to look out. All are read now and then, to
// forget those that look out no more: what is decided for them is left out.
func (s *sequencer) learn(ctx context.Context) error {
	if time.Since(s.read) >= matchAnew {
		s.index, s.read = newLookouts(), time.Now()
		clear(s.told)
	}
	news, err := s.store.Lookouts(ctx, s.index.known)
	if err != nil {
		return err
	}
	for _, l := range news {
		if err := s.index.add(l); err != nil {
			s.log.Error("nobody can look out for such events", telemetry.KeyTaskID, l.TaskID, telemetry.KeyRunID, l.RunID, telemetry.KeyError, err)
		}
	}
	return nil
}

// match decides a batch of events, and has those look back that are behind. It
// says whether there may be more.
func (s *sequencer) match(ctx context.Context) (more bool, err error) {
	u, err := s.store.Unmatched(ctx, s.index.topics(), matchBatch)
	if err != nil {
		return false, fmt.Errorf("find unmatched events: %w", err)
	}
	for _, l := range u.Behind {
		if err := s.lookBack(ctx, l, u); err != nil {
			return false, fmt.Errorf("look back: %w", err)
		}
	}
	if len(u.Events) == 0 && u.Until-u.Cursor < matchStride {
		return len(u.Behind) > 0, nil
	}
	m := ordinaut.Match{From: u.Cursor, To: u.Until, Known: s.index.known}
	if _, err := s.carryOut(ctx, m, s.index, u.Events); err != nil {
		return false, err
	}
	return true, nil
}

// lookBack matches with one lookout what was matched before it was known.
func (s *sequencer) lookBack(ctx context.Context, l ordinaut.Lookout, u ordinaut.Unmatched) error {
	own := newLookouts()
	if err := own.add(l); err != nil {
		return err
	}
	f := ordinaut.EventFilter{Topics: own.topics(), After: *l.Behind, Until: u.Cursor, Limit: matchBatch}
	events, err := s.store.ListEvents(ctx, f)
	if err != nil {
		return err
	}
	m := ordinaut.Match{Lookout: l.Number, From: *l.Behind, To: u.Cursor}
	if len(events) == matchBatch {
		m.To = events[matchBatch-1].Seq
	}
	_, err = s.carryOut(ctx, m, own, events)
	return err
}

// carryOut decides about events, and has the store do it. A step that has its
// event looks out no more.
func (s *sequencer) carryOut(ctx context.Context, m ordinaut.Match, index *lookouts, events []ordinaut.Event) (bool, error) {
	var d decision
	for _, e := range events {
		index.decide(e, &d, s.tell)
	}
	m.Runs, m.Answers = d.runs, d.answers
	done, err := s.store.Match(ctx, m)
	if err == nil && done {
		for _, a := range m.Answers {
			s.index.drop(a.Lookout)
		}
	}
	return done, err
}

// tell tells once that an expression cannot be evaluated for an event.
func (s *sequencer) tell(w *watcher, err error) {
	if s.told[w.Number] {
		return
	}
	s.told[w.Number] = true
	s.log.Warn("whether an event is looked out for cannot be told, so it is not",
		telemetry.KeyTaskID, w.TaskID, telemetry.KeyRunID, w.RunID, telemetry.KeyError, err)
}
