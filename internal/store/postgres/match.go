package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// Unmatched gives up to limit events behind the cursor, and who is behind.
func (s *Store) Unmatched(ctx context.Context, topics []string, limit int) (u ordinaut.Unmatched, err error) {
	if u.Now, err = s.Now(ctx); err != nil {
		return u, err
	}
	if u.Cursor, err = first(ctx, s, "MatchCursor", scanSeq); err != nil {
		return u, err
	}
	if u.Behind, err = all(ctx, s, "LookoutsBehind", scanLookout); err != nil {
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

// gatheringsKept is how long it is known which run gathers: longer than any may.
const gatheringsKept = 2 * limits.EventWindow

// take moves the cursor, or that of the one lookout, over the range; false when
// it is no longer where it was.
func (t *tx) take(m ordinaut.Match) (bool, error) {
	if err := t.lockMatching(); err != nil {
		return false, err
	}
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
	return t.pruneMatches(len(m.Runs) > 0)
}

// pruneMatches forgets what was needed to match each event once, now and then.
func (t *tx) pruneMatches(made bool) error {
	if !made {
		return nil
	}
	if err := t.lock("PruneTriggered"); err != nil {
		return err
	}
	return t.lock("PruneGatherings", t.now.Add(-gatheringsKept))
}

// answerWithEvent gives an event to the step that waits for it. It looks out no
// more, even when it has an answer or its time was over.
func (t *tx) answerWithEvent(a ordinaut.EventAnswer) error {
	if err := t.lock("LockRun", id(a.RunID)); err != nil {
		return err
	}
	if _, err := t.exec("DropLookout", a.Lookout); err != nil {
		return err
	}
	taken, err := t.changed("Answer", id(a.RunID), a.Path, document(a.Event), t.now)
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
	if r.Seq > 0 { // what is no event of the log has no position
		fresh, err := t.changed("MarkTriggered", id(r.TaskID), r.Seq)
		if err != nil || !fresh {
			return err
		}
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
	_, err := t.exec("InsertEventGap", id(r.TaskID), r.At, string(why))
	return err
}

// triggerRun makes a run of an event, unless earlier runs keep it from being made.
func (t *tx) triggerRun(r ordinaut.Triggered) error {
	parks := false
	if r.Overlap != ordinaut.OverlapAllow {
		have, err := seen(t, "UnfinishedRuns", scanPending, id(r.TaskID))
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

func scanPending(r row, p *pending) error { return r.Scan(&p.unfinished, &p.parked) }

func (t *tx) insertTriggered(r ordinaut.Triggered, parks bool) error {
	run := ordinaut.Run{
		ID: r.RunID, TaskID: r.TaskID, Trigger: cmp.Or(r.Trigger, ordinaut.TriggerEvent), ScheduledFor: t.now, Status: ordinaut.RunQueued,
		Depth: r.Depth, Event: r.Event,
	}
	if parks {
		run.Status = ordinaut.RunParked
	}
	if g := r.Gather; g != nil {
		run.Event = fmt.Appendf(nil, "[%s]", r.Event)
		run.ScheduledFor = g.Start(t.now, t.now, 1, len(run.Event))
		if _, err := t.exec("SaveGathering", id(r.TaskID), plain(g.Per), id(r.RunID), t.now); err != nil {
			return err
		}
	}
	return t.insertRun(run)
}

// gathering is a run that gathers events.
type gathering struct {
	id     ordinaut.RunID
	first  time.Time
	events int
	size   int
}

func scanGathering(r row, g *gathering) error { return r.Scan(&g.id, &g.first, &g.events, &g.size) }

// join adds an event to the run that gathers such events, if there is one and it
// has room.
func (t *tx) join(r ordinaut.Triggered) (bool, error) {
	run, err := seen(t, "Gathering", scanGathering, id(r.TaskID), plain(r.Gather.Per))
	if errors.Is(err, ordinaut.ErrNotFound) {
		return false, nil
	}
	size := run.size + len(r.Event) + 1
	if err != nil || run.events >= r.Gather.Most || size > r.Gather.Bytes {
		return false, err
	}
	at := r.Gather.Start(run.first, t.now, run.events+1, size)
	t.signal(ordinaut.SignalQueue)
	return t.changed("GatherEvent", id(run.id), string(r.Event), at)
}
