package postgres

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

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

// tell appends an event of the house.
func (t *tx) tell(e ordinaut.Event) error {
	_, err := t.publish([]ordinaut.Event{e})
	return err
}

// publish appends events, but for those that are in the log already or stand twice.
func (t *tx) publish(events []ordinaut.Event) ([]bool, error) {
	fresh := make([]bool, len(events))
	var sent eventColumns
	var place []int // of each that is sent, where it stands among the events
	known := map[[2]string]bool{}
	for i, e := range events {
		name := [2]string{e.Source, e.ID}
		named := e.Source != "" && e.ID != ""
		if named && known[name] {
			continue
		}
		known[name] = named
		sent.add(e, named)
		place = append(place, i)
	}
	numbers, err := changedRows(t, "InsertEvents", scanPosition, append(sent.args(), t.now)...)
	for _, n := range numbers {
		fresh[place[n-1]] = true
	}
	return fresh, err
}

// eventColumns are events as one statement takes many of them.
type eventColumns struct {
	runs, sources, ids, tasks, data []*string
	topics, subjects, actors        []string
	depths                          []int32
}

func (c *eventColumns) add(e ordinaut.Event, named bool) {
	var source, name, data *string // NULL: its position is its id
	if named {
		source, name = &e.Source, &e.ID
	}
	if e.Data != nil {
		text := string(e.Data)
		data = &text
	}
	c.runs, c.tasks = append(c.runs, idOrNull(e.RunID)), append(c.tasks, idOrNull(e.TaskID))
	c.sources, c.ids, c.data = append(c.sources, source), append(c.ids, name), append(c.data, data)
	c.topics, c.subjects = append(c.topics, e.Topic), append(c.subjects, plain(e.Subject))
	c.actors, c.depths = append(c.actors, string(e.Actor)), append(c.depths, int32(e.Depth))
}

func (c *eventColumns) args() []any {
	return []any{c.runs, c.topics, c.sources, c.ids, c.tasks, c.subjects, c.actors, c.depths, c.data}
}

// idOrNull is an id as an element of a parameter of the type uuid[].
func idOrNull[T ~string](v T) *string {
	text, some := id(v).(string)
	if !some {
		return nil
	}
	return &text
}

// ListEvents lists events in their order.
func (s *Store) ListEvents(ctx context.Context, f ordinaut.EventFilter) ([]ordinaut.Event, error) {
	if err := s.stamp(ctx); err != nil {
		return nil, err
	}
	args := append(selectingEvents(f), page(f.Limit))
	switch {
	case f.RunID != "":
		return all(ctx, s, "ListEventsOfRun", scanEvent, append(args, id(f.RunID), direction(f))...)
	case onlyTold(f.Topics) && f.Newest:
		return all(ctx, s, "ListToldNewest", scanEvent, args...)
	case onlyTold(f.Topics):
		return all(ctx, s, "ListTold", scanEvent, args...)
	case f.Newest:
		return all(ctx, s, "ListEventsNewest", scanEvent, args...)
	}
	return all(ctx, s, "ListEvents", scanEvent, args...)
}

func selectingEvents(f ordinaut.EventFilter) []any {
	from, to := always()
	if !f.From.IsZero() {
		from = f.From
	}
	if !f.To.IsZero() {
		to = f.To
	}
	return []any{f.After, cmp.Or(f.Until, math.MaxInt64), from, to, expressions(f.Topics), id(f.TaskID)}
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

// expressions are patterns of topics as regular expressions.
func expressions(patterns []string) []string {
	all := make([]string, 0, len(patterns))
	for _, p := range patterns {
		words := strings.Split(p, ".")
		for i, w := range words {
			switch {
			case w == ">" && i == len(words)-1:
				words[i] = ".+"
			case w == "*":
				words[i] = `[^.]+`
			default:
				words[i] = regexp.QuoteMeta(w)
			}
		}
		all = append(all, "^"+strings.Join(words, `\.`)+"$")
	}
	return all
}

// scanEvent scans an event, or a line that is one.
func scanEvent(r row, e *ordinaut.Event) error {
	var line ordinaut.LogLine
	var topic, source *string
	err := r.Scan(&line.Seq, orNone(&line.RunID), &line.At, &line.Kind, &line.Step, &line.Attempt, &line.Tool, &line.Status, &line.Text,
		decoded{&line.Failure}, &line.Until,
		&topic, &source, orNone(&e.ID), orNone(&e.TaskID), orNone(&e.Subject), orNone(&e.Actor), &e.Depth, bytesOf(&e.Data))
	if err != nil {
		return err
	}
	if topic == nil {
		depth := e.Depth
		*e, err = line.Event(e.TaskID)
		e.Depth = depth
		return err
	}
	e.Seq, e.At, e.RunID, e.Topic = line.Seq, line.At, line.RunID, *topic
	if source == nil {
		e.Source, e.ID = ordinaut.SourceOrdinaut, strconv.FormatInt(e.Seq, 10)
		return nil
	}
	e.Source = *source
	return nil
}

// EventEnds are the position from which on no event is gone, and the last one.
func (s *Store) EventEnds(ctx context.Context) (oldest, last int64, err error) {
	if err := s.stamp(ctx); err != nil {
		return 0, 0, err
	}
	ends, err := first(ctx, s, "EventEnds", func(r row, ends *[2]int64) error { return r.Scan(&ends[0], &ends[1]) })
	return ends[0], ends[1], err
}

// Topics counts the newest so many events by their topic.
func (s *Store) Topics(ctx context.Context, most int) ([]ordinaut.TopicCount, error) {
	if err := s.stamp(ctx); err != nil {
		return nil, err
	}
	return all(ctx, s, "Topics", func(r row, c *ordinaut.TopicCount) error { return r.Scan(&c.Topic, &c.Events, &c.Last) }, most)
}

// pruneEvents deletes events that were written down before the instant, up to the
// first that is younger, and says how many rows it might still have looked at.
func (t *tx) pruneEvents(before time.Time, left int) (int, error) {
	s, err := seen(t, "SweepTo", scanSwept, before, max(left, 0))
	if err != nil {
		return left, err
	}
	if s.to.Valid {
		if _, err := t.exec("SweepEvents", s.to.Int64); err != nil {
			return left, err
		}
		if _, err := t.exec("MarkSwept", s.to.Int64); err != nil {
			return left, err
		}
	}
	_, err = t.exec("GiveUpGone", t.now, "the event is not kept any more")
	return left - s.looked, err
}

// swept is how far events are older than is kept, and of how many rows it was asked.
type swept struct {
	to     sql.NullInt64
	looked int
}

func scanSwept(r row, s *swept) error { return r.Scan(&s.to, &s.looked) }
