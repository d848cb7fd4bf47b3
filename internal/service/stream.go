package service

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/internal/op"
)

// StreamRun asks to be told what becomes of a run.
type StreamRun struct {
	Run   string `json:"run" doc:"The id of the run."`
	Step  string `json:"step,omitempty" doc:"Only what is about this step, and what is below it; and the end of the run."`
	After int64  `json:"after,omitempty" minimum:"0" doc:"Only what follows the event with this id; the header Last-Event-ID says the same."`
}

// StreamRun tells the log of a run, from its beginning or where the reader left
// off, and goes on until the run has ended.
func (s *Service) StreamRun(ctx context.Context, r StreamRun) (op.Events, error) {
	run, err := s.findRun(ctx, ordinaut.RunID(r.Run))
	if err != nil {
		return op.Events{}, err
	}
	f := ordinaut.LogFilter{RunID: run.ID, Step: r.Step, After: r.After}
	return op.NewEvents(func(ctx context.Context, send func(op.Event) error) error {
		return s.follow(ctx, f, send)
	}), nil
}

// StreamRuns asks to be told what becomes of runs.
type StreamRuns struct {
	Task  string `json:"task,omitempty" doc:"Only runs of this task; its id or key."`
	After *int64 `json:"after,omitempty" minimum:"0" doc:"Only what follows the event with this id; the header Last-Event-ID says the same."`
}

// StreamRuns tells the logs of all runs, or of those of a task, from now on or
// from where the reader left off.
func (s *Service) StreamRuns(ctx context.Context, r StreamRuns) (op.Events, error) {
	var f ordinaut.LogFilter
	if r.Task != "" {
		t, err := s.find(ctx, r.Task)
		if err != nil {
			return op.Events{}, err
		}
		f.TaskID = t.ID
	}
	if r.After != nil {
		f.After = *r.After
	} else {
		var err error
		if f.After, err = s.store.LogEnd(ctx); err != nil {
			return op.Events{}, err
		}
	}
	return op.NewEvents(func(ctx context.Context, send func(op.Event) error) error {
		// Whoever is cut off before the first event resumes here.
		if err := send(op.Event{ID: eventID(f.After), Name: "open", Data: struct{}{}}); err != nil {
			return err
		}
		return s.follow(ctx, f, send)
	}), nil
}

// looked is how many lines are read at a time.
const looked = 500

// follow sends line after line. When there is none it waits for the store to
// signal that there may be more; whatever happens, it does not look more often
// than its pace.
func (s *Service) follow(ctx context.Context, f ordinaut.LogFilter, send func(op.Event) error) error {
	changed, end := s.store.Watch(ordinaut.SignalLog)
	defer end()
	f.Limit = looked
	for {
		pace := time.After(limits.StreamPace)
		more, over, err := s.tell(ctx, &f, send)
		if err != nil || over {
			return err
		}
		if more {
			continue
		}
		if err := send(op.Pause()); err != nil {
			return err
		}
		if !await(ctx, pace, nil) || !await(ctx, time.After(limits.StreamLook), changed) {
			return context.Cause(ctx)
		}
	}
}

// await waits for one of two things, and says whether the context goes on.
func await(ctx context.Context, limit <-chan time.Time, signal <-chan struct{}) bool {
	select {
	case <-ctx.Done():
		return false
	case <-limit:
	case <-signal:
	}
	return true
}

// tell looks once, and sends what is new. It says whether there is more, and
// whether nothing can follow.
func (s *Service) tell(ctx context.Context, f *ordinaut.LogFilter, send func(op.Event) error) (more, over bool, err error) {
	var run ordinaut.Run
	if f.RunID != "" {
		// The run is read first: what it told until it had ended is then there.
		if run, err = s.findRun(ctx, f.RunID); err != nil {
			return false, false, err
		}
	}
	lines, err := s.store.ListLog(ctx, *f)
	if err != nil {
		return false, false, err
	}
	for _, l := range lines {
		if err := send(eventOf(l)); err != nil {
			return false, false, err
		}
		f.After = l.Seq
	}
	if len(lines) == looked || !run.Status.Final() {
		return len(lines) == looked, false, nil
	}
	return false, true, errors.Join(send(endOf(run, f.After)), send(op.Pause()))
}

func eventID(seq int64) string { return strconv.FormatInt(seq, 10) }

// eventOf is a line as an event.
func eventOf(l ordinaut.LogLine) op.Event {
	name := "log"
	switch l.Kind {
	case ordinaut.LogRun:
		name = "run"
	case ordinaut.LogStep:
		name = "step"
	}
	return op.Event{ID: eventID(l.Seq), Name: name, Data: showLogLine(l)}
}

// RunEnd is the last event of a run.
type RunEnd struct {
	RunID  ordinaut.RunID     `json:"run_id"`
	Status ordinaut.RunStatus `json:"status"`
	Reason ordinaut.Reason    `json:"reason"`
	Error  *ordinaut.Failure  `json:"error"`
}

func endOf(r ordinaut.Run, after int64) op.Event {
	return op.Event{ID: eventID(after), Name: "end", Data: RunEnd{r.ID, r.Status, r.Reason, r.Failure}}
}
