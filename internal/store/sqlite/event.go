package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ordinaut/ordinaut"
)

// Publish appends events on somebody's behalf, and says which of them were new.
func (s *Store) Publish(ctx context.Context, events []ordinaut.Event, c ordinaut.Change) (fresh []bool, err error) {
	err = s.change(ctx, c, func(t *tx) (err error) {
		fresh, err = t.publish(events)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("publish %d events: %w", len(events), err)
	}
	return fresh, nil
}

func (t *tx) publish(events []ordinaut.Event) (fresh []bool, err error) {
	fresh = make([]bool, len(events))
	for i, e := range events {
		if fresh[i], err = t.insertEvent(e); err != nil {
			return nil, err
		}
	}
	return fresh, nil
}

// tell appends an event of the house.
func (t *tx) tell(e ordinaut.Event) error {
	_, err := t.insertEvent(e)
	return err
}

// insertEvent appends an event, unless it is in the log already.
func (t *tx) insertEvent(e ordinaut.Event) (bool, error) {
	var source, id any // NULL: its position is its id
	if e.ID != "" && e.Source != "" {
		source, id = e.Source, e.ID
	}
	return t.changed("InsertEvent", string(e.RunID), micros(t.now), e.Topic, source, id,
		string(e.TaskID), e.Subject, string(e.Actor), e.Depth, document(e.Data))
}

// ListEvents lists events in their order. SQL selects too many rather than too
// few of the topics, so that a page may take several looks, each larger than the
// one before.
func (s *Store) ListEvents(ctx context.Context, f ordinaut.EventFilter) (found []ordinaut.Event, err error) {
	most := f.Limit
	for {
		some, err := s.selectEvents(ctx, f)
		if err != nil {
			return nil, err
		}
		looked, last := len(some), int64(0)
		if looked > 0 {
			last = some[looked-1].Seq
		}
		found = append(found, only(f.Topics, some)...)
		if most == 0 || looked < f.Limit || len(found) >= most {
			return found[:min(len(found), cmp.Or(most, len(found)))], nil
		}
		if f.Newest {
			f.Until = cmp.Or(last-1, -1) // 0 would be no bound
		} else {
			f.After = last
		}
		f.Limit = min(4*f.Limit, max(most, 10_000))
	}
}

// only are the events that one of the patterns covers; no patterns cover all.
func only(patterns []string, events []ordinaut.Event) []ordinaut.Event {
	if len(patterns) == 0 {
		return events
	}
	return slices.DeleteFunc(events, func(e ordinaut.Event) bool {
		return !slices.ContainsFunc(patterns, func(p string) bool { return ordinaut.TopicMatches(p, e.Topic) })
	})
}

// selectEvents gives the events that a filter selects, and some whose topic is
// only nearly one of its.
func (s *Store) selectEvents(ctx context.Context, f ordinaut.EventFilter) ([]ordinaut.Event, error) {
	args, err := selectingEvents(f)
	if err != nil {
		return nil, err
	}
	args = append(args, page(f.Limit))
	switch {
	case f.RunID != "":
		return all(ctx, s.read, "ListEventsOfRun", scanEvent, append(args, string(f.RunID), direction(f))...)
	case onlyTold(f.Topics) && f.Newest:
		return all(ctx, s.read, "ListToldNewest", scanEvent, args...)
	case onlyTold(f.Topics):
		return all(ctx, s.read, "ListTold", scanEvent, args...)
	case f.Newest:
		return all(ctx, s.read, "ListEventsNewest", scanEvent, args...)
	}
	return all(ctx, s.read, "ListEvents", scanEvent, args...)
}

func selectingEvents(f ordinaut.EventFilter) ([]any, error) {
	from, to := int64(0), int64(endOfTime)
	if !f.From.IsZero() {
		from = micros(f.From)
	}
	if !f.To.IsZero() {
		to = micros(f.To)
	}
	patterns, err := globs(f.Topics)
	return []any{f.After, cmp.Or(f.Until, endOfTime), from, to, patterns, string(f.TaskID)}, err
}

func direction(f ordinaut.EventFilter) int {
	if f.Newest {
		return -1
	}
	return 1
}

// onlyTold says whether no line of a run's log has a topic that the patterns
// cover.
func onlyTold(patterns []string) bool {
	return len(patterns) > 0 && !slices.ContainsFunc(patterns, func(p string) bool {
		root, _, _ := strings.Cut(p, ".")
		return root == "*" || root == ">" || root == "task" || root == "approval"
	})
}

// globs are patterns of topics as GLOB knows them, for json_each. A * of GLOB may
// stand for several words.
func globs(patterns []string) (string, error) {
	all := make([]string, 0, len(patterns))
	literal := strings.NewReplacer("*", "[*]", "?", "[?]", "[", "[[]")
	for _, p := range patterns {
		words := strings.Split(p, ".")
		for i, w := range words {
			if w == ">" && i == len(words)-1 {
				w = "*"
			}
			if w != "*" {
				w = literal.Replace(w)
			}
			words[i] = w
		}
		all = append(all, strings.Join(words, "."))
	}
	return encoded(all)
}

// scanEvent scans an event, or a line that is one.
func scanEvent(r *sql.Rows, e *ordinaut.Event) error {
	var line ordinaut.LogLine
	var topic, source, id, subject, actor sql.NullString
	var data json.RawMessage
	var depth int
	err := r.Scan(&line.Seq, &line.RunID, (*instant)(&line.At), &line.Kind, &line.Step, &line.Attempt, &line.Tool, &line.Status, &line.Text,
		decoded{&line.Failure}, optional{&line.Until},
		&topic, &source, &id, &e.TaskID, &subject, &actor, &depth, bytesOf(&data))
	if err != nil {
		return err
	}
	if !topic.Valid {
		*e, err = line.Event(e.TaskID)
		e.Depth = depth
		return err
	}
	*e = ordinaut.Event{
		Seq: line.Seq, ID: id.String, Source: source.String, Topic: topic.String, Subject: subject.String, At: line.At,
		Data: data, Actor: ordinaut.AgentID(actor.String), TaskID: e.TaskID, RunID: line.RunID, Depth: depth,
	}
	if !source.Valid {
		e.Source, e.ID = ordinaut.SourceOrdinaut, strconv.FormatInt(e.Seq, 10)
	}
	return nil
}

// EventEnds are the position from which on no event is gone, and the last one.
func (s *Store) EventEnds(ctx context.Context) (first, last int64, err error) {
	ends, err := s.eventEnds(ctx)
	return ends[0], ends[1], err
}

func (s *Store) eventEnds(ctx context.Context) ([2]int64, error) {
	return first(ctx, s.read, "EventEnds", func(r *sql.Rows, ends *[2]int64) error { return r.Scan(&ends[0], &ends[1]) })
}

// Topics counts the newest so many events by their topic.
func (s *Store) Topics(ctx context.Context, most int) ([]ordinaut.TopicCount, error) {
	return all(ctx, s.read, "Topics", func(r *sql.Rows, c *ordinaut.TopicCount) error {
		return r.Scan(&c.Topic, &c.Events, (*instant)(&c.Last))
	}, most)
}

// pruneEvents deletes events that were written down before the instant, up to the
// first that is younger, and says how many rows it might still have looked at.
func (t *tx) pruneEvents(before int64, left int) (int, error) {
	s, err := seen(t, "SweepTo", scanSwept, before, max(left, 0))
	if err != nil {
		return left, err
	}
	if s.to.Valid {
		for _, step := range []func() (int64, error){
			func() (int64, error) { return t.exec("SweepEvents", s.to.Int64) },
			func() (int64, error) { return t.exec("MarkSwept", s.to.Int64) },
		} {
			if _, err := step(); err != nil {
				return left, err
			}
		}
	}
	_, err = t.exec("GiveUpGone", micros(t.now), "the event is not kept any more")
	return left - s.looked, err
}

// swept is how far events are older than is kept, and of how many rows it was asked.
type swept struct {
	to     sql.NullInt64
	looked int
}

func scanSwept(r *sql.Rows, s *swept) error { return r.Scan(&s.to, &s.looked) }
