package pipeline

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/expr"
	"github.com/ordinaut/ordinaut/internal/lookout"
)

// Env is the run that follows a plan.
type Env struct {
	Task ordinaut.Task // with the definition that the run is bound to
	Run  ordinaut.Run
	Zone *time.Location // of the task; nil is UTC

	Links    map[string]string                         // by step: where people decide about it
	LoadZone func(name string) (*time.Location, error) // finds the zones that steps name; nil asks the system
}

func (e Env) loadZone(name string) (*time.Location, error) {
	if e.LoadZone == nil {
		return time.LoadLocation(name)
	}
	return e.LoadZone(name)
}

// roots is what the expressions of the run read from.
func (e Env) roots(p *Plan, past []ordinaut.StepResult) expr.Env {
	env := expr.Env{
		Zone:  cmp.Or(e.Zone, time.UTC),
		RunID: string(e.Run.ID),
		Roots: map[string]any{
			"params": overlaid(p.params, e.Run.Params),
			"run":    e.run(p, past),
			"task":   e.task(),
		},
	}
	if event, err := lookout.Root(e.Run.Event); len(e.Run.Event) > 0 && err == nil {
		env.Roots["event"] = event // which is there only when the run is about one
	}
	if e.Run.Now != nil {
		env.Now = e.Run.Now.Truncate(time.Second) // what people mean by now
	}
	return env
}

// overlaid is the params of the task with those of the run laid over them, name
// by name.
func overlaid(task map[string]any, run json.RawMessage) map[string]any {
	params := map[string]any{}
	maps.Copy(params, task)
	if len(run) == 0 {
		return params
	}
	if value, err := decode(run); err == nil {
		own, _ := value.(map[string]any)
		maps.Copy(params, own)
	}
	return params
}

func (e Env) run(p *Plan, past []ordinaut.StepResult) map[string]any {
	links := map[string]any{}
	for _, id := range p.Approvals() {
		links[id] = orNull(e.Links[id])
	}
	run := map[string]any{
		"id":            string(e.Run.ID),
		"attempt":       e.Run.Attempt(),
		"trigger":       string(e.Run.Trigger),
		"feedback":      feedback(past),
		"links":         links,
		"nominal_at":    nil,
		"scheduled_for": e.instant(e.Run.ScheduledFor),
	}
	if e.Run.Nominal != nil {
		run["nominal_at"] = e.instant(*e.Run.Nominal)
	}
	return run
}

func (e Env) task() map[string]any {
	labels := map[string]any{}
	for name, value := range e.Task.Labels {
		labels[name] = value
	}
	return map[string]any{"id": string(e.Task.ID), "key": e.Task.Key, "title": e.Task.Title, "labels": labels}
}

func (e Env) instant(t time.Time) string {
	return t.In(cmp.Or(e.Zone, time.UTC)).Format(time.RFC3339Nano)
}

// decode reads one JSON value, with numbers as they are written.
func decode(raw json.RawMessage) (any, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("something follows the value")
	}
	return v, nil
}
