package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/jsonguard"
	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/internal/lookout"
	"github.com/ordinaut/ordinaut/internal/pipeline"
	"github.com/ordinaut/ordinaut/internal/schedule"
)

// sight is one look at a condition: it decides what follows from what was seen.
type sight struct {
	claimed ordinaut.ClaimedProbe
	now     time.Time
	bound   bound
	agent   ordinaut.Agent
	when    *schedule.Condition
	every   time.Duration
	basis   string
}

// outside is when the condition is looked at next, if its time has not begun or
// is over; nil is now.
func (s *sight) outside() *time.Time {
	d := s.claimed.Task.Definition
	switch {
	case d.StartsAt != nil && s.now.Before(*d.StartsAt):
		return d.StartsAt
	case d.EndsAt != nil && s.now.After(*d.EndsAt):
		never := s.now.Add(limits.WaitMax)
		return &never
	}
	return nil
}

// compile reads what is to hold. Whoever changes the expression, the call or its
// params asks about another condition, which was never looked at.
func (s *sight) compile() (err error) {
	d := s.bound.task.Definition
	probe := s.bound.plan.Probe()
	if probe == nil {
		return fmt.Errorf("task %s has a condition and no probe", s.bound.task.ID)
	}
	s.every = probe.Every()
	if s.when, err = schedule.ParseCondition(d.ScheduleExpr); err != nil {
		return err
	}
	var parts struct{ Params, Probe json.RawMessage }
	if err := json.Unmarshal(d.Payload, &parts); err != nil {
		return fmt.Errorf("read the payload: %w", err)
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%s", d.ScheduleExpr, parts.Params, parts.Probe))
	s.basis = hex.EncodeToString(sum[:16])
	return nil
}

// env is what the templates of the probe read.
func (s *sight) env() pipeline.Env {
	now := s.now
	return pipeline.Env{
		Task: s.bound.task, Zone: s.bound.zone, LoadZone: schedule.LoadZone,
		Run: ordinaut.Run{TaskID: s.bound.task.ID, Trigger: ordinaut.TriggerCondition, ScheduledFor: now, Now: &now},
	}
}

// key is the idempotency key of the call: each look is one of its own.
func (s *sight) key() string {
	return "probe/" + string(s.claimed.Task.ID) + "/" + strconv.FormatInt(s.claimed.Fence, 10)
}

// put is that nothing was looked at, and when somebody is to.
func (s *sight) put(next *time.Time) ordinaut.Look {
	p := s.claimed.Probe
	p.Version, p.NextAt = s.claimed.Task.Version, *next
	return ordinaut.Look{Probe: p, Fence: s.claimed.Fence}
}

// failed is that nobody knows whether the condition holds: it stands as it did.
func (s *sight) failed(f ordinaut.Failure) ordinaut.Look {
	p := s.claimed.Probe
	p.Version, p.LookedAt, p.Failure = s.claimed.Task.Version, &s.now, &f
	p.Failures++
	p.NextAt = s.now.Add(probeAgain(s.every, p.Failures))
	return ordinaut.Look{Probe: p, Fence: s.claimed.Fence}
}

// probeAgain is how long after a look that has failed there is another.
func probeAgain(every time.Duration, failures int) time.Duration {
	every = max(every, limits.ProbeEvery)
	wait := every << min(failures, 10)
	return max(every, min(wait, limits.ProbeBackoff))
}

// answered is what follows from what the probe has answered.
func (s *sight) answered(answer json.RawMessage) ordinaut.Look {
	var value any
	if err := jsonguard.Decode(answer, &value); err != nil {
		return s.failed(ordinaut.NewFailure(ordinaut.ClassInvalidOutput, err))
	}
	holds, err := s.when.Holds(value, s.now, s.bound.zone)
	if err != nil {
		return s.failed(ordinaut.NewFailure(ordinaut.ClassInvalidInput, err))
	}
	was := s.claimed.Probe
	known := was.Basis == s.basis
	is := ordinaut.Probe{
		TaskID: was.TaskID, Version: s.claimed.Task.Version, Basis: s.basis,
		Holds: holds, Since: was.Since, LookedAt: &s.now, NextAt: s.now.Add(s.every),
	}
	if !known || was.Holds != holds {
		is.Since = &s.now
	}
	l := ordinaut.Look{Probe: is, Fence: s.claimed.Fence}
	if !holds || known && was.Holds {
		return l
	}
	if l.Run, err = s.edge(answer); err != nil {
		return s.failed(ordinaut.NewFailure(ordinaut.ClassInternal, err))
	}
	return l
}

// edge is the run that is made because the condition has come true.
func (s *sight) edge(answer json.RawMessage) (*ordinaut.Triggered, error) {
	id := ordinaut.RunID(uuid.Must(uuid.NewV7()).String())
	task := s.bound.task
	document, err := lookout.Document(ordinaut.Event{
		ID: string(id), Source: ordinaut.SourceOrdinaut, Topic: string(ordinaut.ScheduleCondition),
		Subject: string(task.ID), TaskID: task.ID, At: s.now, Data: answer,
	})
	if err != nil {
		return nil, fmt.Errorf("write what was seen: %w", err)
	}
	return &ordinaut.Triggered{
		TaskID: task.ID, RunID: id, At: s.now, Event: document,
		Overlap: task.OverlapPolicy(), Trigger: ordinaut.TriggerCondition,
	}, nil
}
