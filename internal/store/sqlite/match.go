package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// Unmatched gives up to limit events behind the cursor, and who is behind.
func (s *Store) Unmatched(ctx context.Context, topics []string, limit int) (u ordinaut.Unmatched, err error) {
	u.Now = now()
	if u.Cursor, err = first(ctx, s.read, "MatchCursor", scanSeq); err != nil {
		return u, err
	}
	if u.Behind, err = all(ctx, s.read, "LookoutsBehind", scanLookout); err != nil {
		return u, err
	}
	u.Until = u.Cursor
	if len(topics) == 0 {
		return u, nil
	}
	// The end first: what comes between the two is there another time.
	_, end, err := s.EventEnds(ctx)
	if err != nil || end <= u.Cursor {
		return u, err
	}
	u.Events, err = s.ListEvents(ctx, ordinaut.EventFilter{Topics: topics, After: u.Cursor, Until: end, Limit: limit})
	if u.Until = end; len(u.Events) == limit {
		u.Until = u.Events[limit-1].Seq
	}
	return u, err
}

// Match carries out what was decided of a range of events.
func (s *Store) Match(ctx context.Context, m ordinaut.Match) (done bool, err error) {
	err = s.write(ctx, func(t *tx) error {
		if done, err = t.take(m); err != nil || !done {
			return err
		}
		return t.match(m)
	})
	if err != nil {
		return false, fmt.Errorf("match events (%d, %d]: %w", m.From, m.To, err)
	}
	return done, nil
}

// take moves the cursor, or that of the one lookout, over the range; false when
// it is no longer where it was.
func (t *tx) take(m ordinaut.Match) (bool, error) {
	if m.Lookout != 0 {
		return t.changed("LookBack", m.Lookout, m.From, m.To)
	}
	taken, err := t.changed("AdvanceMatch", m.From, m.To)
	if err != nil || !taken {
		return false, err
	}
	_, err = t.exec("LeaveBehind", m.From, m.To, m.Known)
	return true, err
}

// match makes what the events make. A lookout that is gone or was changed since
// is left out, as is one that is behind: it looks back by itself.
func (t *tx) match(m ordinaut.Match) error {
	stands := map[int64]bool{}
	for _, number := range m.Heeded() {
		here, err := seen(t, "LooksOut", scanFlag, number, number == m.Lookout)
		if err != nil {
			return err
		}
		stands[number] = here
	}
	for _, r := range m.Runs {
		if !stands[r.Lookout] {
			continue
		}
		if err := t.trigger(r); err != nil {
			return err
		}
	}
	for _, a := range m.Answers {
		if !stands[a.Lookout] {
			continue
		}
		if err := t.answerWithEvent(a); err != nil {
			return err
		}
	}
	return nil
}

// answerWithEvent gives an event to the step that waits for it. It looks out no
// more, even when it has an answer or its time was over.
func (t *tx) answerWithEvent(a ordinaut.EventAnswer) error {
	if _, err := t.exec("DropLookout", a.Lookout); err != nil {
		return err
	}
	taken, err := t.changed("Answer", string(a.RunID), a.Path, document(a.Event), micros(t.now))
	if err != nil || !taken {
		return err
	}
	return t.goOn(a.RunID)
}

// trigger makes of an event what its task makes of it, once.
func (t *tx) trigger(r ordinaut.Triggered) error {
	if r.Reason != "" {
		return t.passOver(r, r.Reason)
	}
	before, err := seen(t, "TriggeredBefore", scanFlag, string(r.TaskID), r.Seq)
	if err != nil || before {
		return err
	}
	if r.Gather != nil {
		if joined, err := t.join(r); joined || err != nil {
			return err
		}
	}
	twice, err := t.duplicateRun(r.TaskID)
	if err != nil {
		return err
	}
	if twice {
		return t.passOver(r, ordinaut.ReasonDuplicate)
	}
	return t.triggerRun(r)
}

// passOver records why an event makes no run.
func (t *tx) passOver(r ordinaut.Triggered, why ordinaut.Reason) error {
	_, err := t.exec("InsertEventGap", string(r.TaskID), micros(r.At), string(why))
	return err
}

// triggerRun makes a run of an event, unless earlier runs keep it from being made.
func (t *tx) triggerRun(r ordinaut.Triggered) error {
	parks := false
	if r.Overlap != ordinaut.OverlapAllow {
		have, err := seen(t, "UnfinishedRuns", scanPending, string(r.TaskID))
		if err != nil {
			return err
		}
		var why ordinaut.Reason
		if parks, why = r.Overlap.Yields(have.unfinished, have.parked, limits.BufferedRuns); why != "" {
			return t.passOver(r, why)
		}
	}
	if parks && r.Overlap == ordinaut.OverlapCancelRunning {
		if err := t.supersede(r.TaskID); err != nil {
			return err
		}
	}
	if err := t.insertTriggered(r, parks); err != nil || !parks {
		return err
	}
	return t.releaseParked(r.TaskID)
}

// pending is how many runs of a task have not ended.
type pending struct{ unfinished, parked int }

func scanPending(r *sql.Rows, p *pending) error { return r.Scan(&p.unfinished, &p.parked) }

func (t *tx) insertTriggered(r ordinaut.Triggered, parks bool) error {
	run := ordinaut.Run{ID: r.RunID, TaskID: r.TaskID, Trigger: cmp.Or(r.Trigger, ordinaut.TriggerEvent), ScheduledFor: t.now, Status: ordinaut.RunQueued}
	if parks {
		run.Status = ordinaut.RunParked
	}
	event, gather, gathered := string(r.Event), any(nil), 0
	if g := r.Gather; g != nil {
		event, gather, gathered = "["+event+"]", g.Per, 1
		run.ScheduledFor = g.Start(t.now, t.now, gathered, len(event))
	}
	if err := t.insertRun(run); err != nil {
		return err
	}
	_, err := t.exec("SetEvent", string(r.RunID), event, r.Seq, gather, gathered, r.Depth)
	return err
}

// gathering is a run that gathers events.
type gathering struct {
	id     ordinaut.RunID
	first  time.Time
	events int
	size   int
}

func scanGathering(r *sql.Rows, g *gathering) error {
	return r.Scan(&g.id, (*instant)(&g.first), &g.events, &g.size)
}

// join adds an event to the run that gathers such events, if there is one and it
// has room.
func (t *tx) join(r ordinaut.Triggered) (bool, error) {
	run, err := seen(t, "Gathering", scanGathering, string(r.TaskID), r.Gather.Per)
	if errors.Is(err, ordinaut.ErrNotFound) {
		return false, nil
	}
	size := run.size + len(r.Event) + 1
	if err != nil || run.events >= r.Gather.Most || size > r.Gather.Bytes {
		return false, err
	}
	at := r.Gather.Start(run.first, t.now, run.events+1, size)
	t.signal(ordinaut.SignalQueue)
	return t.changed("GatherEvent", string(run.id), string(r.Event), micros(at))
}
