package engine

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/internal/lookout"
)

// lookouts are those who look out for events, found by the first word of a topic.
type lookouts struct {
	known  int64 // the greatest number that was added
	byHead map[string][]*watcher
	all    map[int64]*watcher
	owned  map[owner]int64
}

// owner is the task, or the step of a run, that looks out. It does so once.
type owner struct {
	task ordinaut.TaskID
	run  ordinaut.RunID
	path string
}

func ownerOf(l ordinaut.Lookout) owner { return owner{l.TaskID, l.RunID, l.Path} }

// watcher is one of them, compiled.
type watcher struct {
	ordinaut.Lookout
	is  *lookout.Lookout
	per lookout.Per
}

func newLookouts() *lookouts {
	return &lookouts{byHead: map[string][]*watcher{}, all: map[int64]*watcher{}, owned: map[owner]int64{}}
}

// wild is the head of the patterns that fit topics of any first word.
const wild = "*"

func headOf(topic string) string {
	head, _, _ := strings.Cut(topic, ".")
	if head == ">" {
		return wild
	}
	return head
}

// watch compiles a lookout.
func watch(l ordinaut.Lookout) (*watcher, error) {
	is, err := lookout.Parse(l.Expr)
	if err != nil {
		return nil, err
	}
	w := &watcher{Lookout: l, is: is}
	if l.Task != nil && l.Task.EventBatch != nil {
		w.per, err = lookout.ParsePer(l.Task.EventBatch.Per)
	}
	return w, err
}

// add adds one that is new, or was changed.
func (x *lookouts) add(l ordinaut.Lookout) error {
	x.known = max(x.known, l.Number)
	x.drop(x.owned[ownerOf(l)])
	w, err := watch(l)
	if err != nil {
		return err
	}
	head := headOf(w.is.Topic())
	x.byHead[head] = append(x.byHead[head], w)
	x.all[l.Number], x.owned[ownerOf(l)] = w, l.Number
	return nil
}

// drop forgets one.
func (x *lookouts) drop(number int64) {
	w, there := x.all[number]
	if !there {
		return
	}
	head := headOf(w.is.Topic())
	delete(x.all, number)
	delete(x.owned, ownerOf(w.Lookout))
	x.byHead[head] = slices.DeleteFunc(x.byHead[head], func(o *watcher) bool { return o == w })
	if len(x.byHead[head]) == 0 {
		delete(x.byHead, head)
	}
}

// topics are the patterns that are looked out for. When there are many, they are
// those of the first words: what is too much is sorted out later.
func (x *lookouts) topics() []string {
	const many = 50
	patterns := map[string]bool{}
	for _, w := range x.all {
		patterns[w.is.Topic()] = true
		if len(patterns) > many {
			break
		}
	}
	if len(patterns) > many {
		clear(patterns)
		for head := range x.byHead {
			patterns[head], patterns[head+".>"] = true, true
		}
	}
	if x.byHead[wild] != nil && len(patterns) > 1 && patterns[">"] {
		return []string{">"}
	}
	var sorted []string
	for p := range patterns {
		sorted = append(sorted, p)
	}
	slices.Sort(sorted)
	return sorted
}

// decision is what becomes of events.
type decision struct {
	runs    []ordinaut.Triggered
	answers []ordinaut.EventAnswer
}

// occasion is an event with what the lookouts see of it, made when the first asks.
type occasion struct {
	ordinaut.Event
	document json.RawMessage
	view     map[string]any
}

func (o *occasion) look() (err error) {
	if o.view != nil {
		return nil
	}
	if o.document, err = lookout.Document(o.Event); err == nil {
		o.view, err = lookout.View(o.document)
	}
	return err
}

// decide says what becomes of an event, and tells of expressions that cannot be
// evaluated.
func (x *lookouts) decide(e ordinaut.Event, d *decision, tell func(*watcher, error)) {
	o := &occasion{Event: e}
	for _, head := range []string{headOf(e.Topic), wild} {
		for _, w := range x.byHead[head] {
			w.decide(o, d, tell)
		}
	}
}

// decide says what the event is to one who looks out.
func (w *watcher) decide(o *occasion, d *decision, tell func(*watcher, error)) {
	if o.Seq <= w.Since || !w.is.Covers(o.Topic) || !w.within(o.At) {
		return
	}
	err := o.look()
	sees := err == nil
	if sees {
		sees, err = w.is.Sees(o.view)
	}
	switch {
	case err != nil:
		tell(w, err)
	case !sees:
	case w.Task == nil:
		d.answers = append(d.answers, ordinaut.EventAnswer{Lookout: w.Number, RunID: w.RunID, Path: w.Path, Event: o.document})
	default:
		d.runs = append(d.runs, w.triggered(o))
	}
}

// within says whether a time lies between the bounds of the task, or before the
// end of the wait.
func (w *watcher) within(at time.Time) bool {
	if w.Task == nil {
		return w.Until == nil || at.Before(*w.Until)
	}
	return (w.Task.StartsAt == nil || !at.Before(*w.Task.StartsAt)) && (w.Task.EndsAt == nil || !at.After(*w.Task.EndsAt))
}

// triggered is what the task makes of an event.
func (w *watcher) triggered(o *occasion) ordinaut.Triggered {
	r := ordinaut.Triggered{
		Lookout: w.Number, TaskID: w.TaskID, Seq: o.Seq, At: o.At, Event: o.document,
		Overlap: w.Task.OverlapPolicy(), Gather: w.gather(o),
	}
	if o.RunID != "" {
		r.Depth = o.Depth + 1
	}
	switch {
	case w.Task.Status == ordinaut.TaskPaused:
		r.Reason = ordinaut.ReasonPaused
	case o.RunID != "" && o.TaskID == w.TaskID:
		r.Reason = ordinaut.ReasonOwnEvent
	case r.Depth > limits.EventDepth:
		r.Reason = ordinaut.ReasonTooDeep
	default:
		r.RunID = newRunID()
	}
	return r
}

// gather says with which other events the event makes a run; nil is with none.
func (w *watcher) gather(o *occasion) *ordinaut.Gather {
	batch, quiet := w.Task.EventBatch, seconds(w.Task.EventDebounceSeconds)
	if batch == nil && quiet <= 0 {
		return nil
	}
	g := &ordinaut.Gather{Window: limits.EventWindow, Quiet: quiet, Most: limits.EventBatch, Bytes: limits.EventBatchBytes}
	if batch == nil {
		return g
	}
	g.Per, g.Window = w.per.Of(o.view), seconds(batch.WindowSeconds)
	if batch.Max > 0 {
		g.Most = batch.Max
	}
	return g
}

func seconds(n float64) time.Duration { return time.Duration(n * float64(time.Second)) }
