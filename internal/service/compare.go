package service

import (
	"context"
	"encoding/json"
	"fmt"
	"github.com/ordinaut/ordinaut/internal/jsonguard"
	"reflect"
	"strconv"
	"strings"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// CompareRuns asks in what two runs differ.
type CompareRuns struct {
	Run   string `json:"run" doc:"The id of the run."`
	Other string `json:"other" doc:"The id of the run that it is compared with."`
}

// RunComparison is two runs side by side.
type RunComparison struct {
	Run         ComparedRun      `json:"run" doc:"The run."`
	Other       ComparedRun      `json:"other" doc:"The run that it is compared with."`
	Steps       []StepComparison `json:"steps" doc:"The steps of both." nullable:"false"`
	Differences []Difference     `json:"differences" doc:"Every value that differs." nullable:"false"`
	More        bool             `json:"more" doc:"There are more differences than are told."`
}

// ComparedRun is one of the two.
type ComparedRun struct {
	ID          ordinaut.RunID     `json:"id" doc:"Its id."`
	TaskID      ordinaut.TaskID    `json:"task_id" doc:"Its task."`
	TaskVersion int                `json:"task_version" doc:"The version of the task that it follows."`
	Trigger     ordinaut.Trigger   `json:"trigger" enum:"schedule,manual,rerun,run,event,condition" doc:"Why it exists."`
	Status      ordinaut.RunStatus `json:"status" enum:"queued,parked,running,waiting,succeeded,failed,canceled" doc:"Where it stands."`
	WorkedMS    int64              `json:"worked_ms" doc:"Milliseconds of work, waiting left out."`
}

// StepComparison is a step of both runs, or of one of them.
type StepComparison struct {
	Path        string              `json:"path" doc:"The path of the step."`
	Status      ordinaut.StepStatus `json:"status" doc:"Where it stands in the run; empty when that has no such step."`
	OtherStatus ordinaut.StepStatus `json:"other_status" doc:"Where it stands in the other run; empty when that has no such step."`
	TookMS      *int64              `json:"took_ms" doc:"Milliseconds it took in the run; null when it has not ended."`
	OtherTookMS *int64              `json:"other_took_ms" doc:"Milliseconds it took in the other run; null when it has not ended."`
	Input       int                 `json:"input" doc:"In how many values the arguments differ."`
	Output      int                 `json:"output" doc:"In how many values the results differ."`
}

// Difference is a value that the two runs do not share.
type Difference struct {
	Step string          `json:"step" doc:"The step; empty when it is of the run itself."`
	Of   string          `json:"of" enum:"params,output,error,input" doc:"What of it differs."`
	Path string          `json:"path" doc:"JSON Pointer to the value in it; empty is all of it."`
	Was  json.RawMessage `json:"was,omitempty" doc:"The value in the run. Not there when it has none; a large value is cut, and then a text."`
	Is   json.RawMessage `json:"is,omitempty" doc:"The value in the other run, likewise."`
}

// CompareRuns says in what two runs differ.
func (s *Service) CompareRuns(ctx context.Context, r CompareRuns) (RunComparison, error) {
	run, steps, err := s.whole(ctx, r.Run)
	if err != nil {
		return RunComparison{}, err
	}
	other, otherSteps, err := s.whole(ctx, r.Other)
	if err != nil {
		return RunComparison{}, ordinaut.AsError(err).Moved("/other")
	}
	var d differ
	d.compare("", "params", run.Params, other.Params)
	d.compare("", "error", failureOf(run.Failure), failureOf(other.Failure))
	compared := RunComparison{Run: comparedOf(run), Other: comparedOf(other), Steps: d.steps(steps, otherSteps)}
	d.compare("", "output", run.Output, other.Output)
	compared.Differences, compared.More = append([]Difference{}, d.told...), d.found > len(d.told)
	return compared, nil
}

// whole is a run with its steps.
func (s *Service) whole(ctx context.Context, id string) (ordinaut.Run, []ordinaut.StepResult, error) {
	run, err := s.findRun(ctx, ordinaut.RunID(id))
	if err != nil {
		return run, nil, err
	}
	steps, err := s.store.Steps(ctx, run.ID)
	return run, steps, err
}

func comparedOf(r ordinaut.Run) ComparedRun {
	return ComparedRun{
		ID: r.ID, TaskID: r.TaskID, TaskVersion: r.TaskVersion, Trigger: r.Trigger, Status: r.Status, WorkedMS: r.Worked.Milliseconds(),
	}
}

// differ gathers differences, as many as are told.
type differ struct {
	told  []Difference
	found int
}

// steps compares the steps of two runs: those of the one in their order, and
// then those that only the other has.
func (d *differ) steps(steps, others []ordinaut.StepResult) []StepComparison {
	byPath := map[string]ordinaut.StepResult{}
	for _, o := range others {
		byPath[o.Path] = o
	}
	compared := []StepComparison{}
	for _, s := range steps {
		compared = append(compared, d.step(s, byPath[s.Path]))
		delete(byPath, s.Path)
	}
	for _, o := range others {
		if _, alone := byPath[o.Path]; alone {
			compared = append(compared, d.step(ordinaut.StepResult{}, o))
		}
	}
	return compared
}

// step compares a step of both runs, of which one may not have it. What only one
// of them has done is told by its status.
func (d *differ) step(s, o ordinaut.StepResult) StepComparison {
	c := StepComparison{Path: s.Path, Status: s.Status, OtherStatus: o.Status, TookMS: tookMS(s), OtherTookMS: tookMS(o)}
	if s.Path == "" || o.Path == "" {
		c.Path = s.Path + o.Path
		return c
	}
	c.Input = d.compare(s.Path, "input", s.Input, o.Input)
	c.Output = d.compare(s.Path, "output", s.Output, o.Output)
	d.compare(s.Path, "error", failureOf(s.Failure), failureOf(o.Failure))
	return c
}

// tookMS is how long a step took, when it has ended.
func tookMS(s ordinaut.StepResult) *int64 {
	if s.FinishedAt == nil {
		return nil
	}
	ms := s.FinishedAt.Sub(s.StartedAt).Milliseconds()
	return &ms
}

// failureOf is a failure as it is compared.
func failureOf(f *ordinaut.Failure) json.RawMessage {
	if f == nil {
		return nil
	}
	text, err := json.Marshal(f)
	if err != nil {
		return nil // texts always marshal
	}
	return text
}

// compare notes in which values two documents differ, and says in how many.
func (d *differ) compare(step, of string, was, is json.RawMessage) int {
	before := d.found
	d.walk(Difference{Step: step, Of: of}, documentOf(was), documentOf(is))
	return d.found - before
}

// absent stands for a value that is not there.
type absent struct{}

// documentOf reads a document, with numbers as they are written.
func documentOf(raw json.RawMessage) any {
	var v any
	if len(raw) == 0 || jsonguard.Decode(raw, &v) != nil {
		return absent{}
	}
	return v
}

// walk goes through two values as long as they have the same shape.
func (d *differ) walk(at Difference, was, is any) {
	under := func(token string) Difference {
		at := at
		at.Path += "/" + ordinaut.PointerToken(token)
		return at
	}
	switch w := was.(type) {
	case map[string]any:
		if i, same := is.(map[string]any); same {
			for _, name := range union(w, i) {
				d.walk(under(name), valueOf(w, name), valueOf(i, name))
			}
			return
		}
	case []any:
		if i, same := is.([]any); same {
			for n := range max(len(w), len(i)) {
				d.walk(under(strconv.Itoa(n)), itemOf(w, n), itemOf(i, n))
			}
			return
		}
	}
	if reflect.DeepEqual(was, is) {
		return
	}
	if d.found++; d.found <= limits.Differences {
		at.Was, at.Is = shownValue(was), shownValue(is)
		d.told = append(d.told, at)
	}
}

func valueOf(object map[string]any, name string) any {
	if v, ok := object[name]; ok {
		return v
	}
	return absent{}
}

func itemOf(list []any, n int) any {
	if n < len(list) {
		return list[n]
	}
	return absent{}
}

// shownValue is a value as it is told: a large one is cut.
func shownValue(v any) json.RawMessage {
	if _, none := v.(absent); none {
		return nil
	}
	text, err := json.Marshal(v)
	if err != nil || len(text) <= limits.ShownBytes {
		return text
	}
	cut := strings.ToValidUTF8(string(text[:limits.ShownBytes/2]), "")
	text, _ = json.Marshal(fmt.Sprintf("%s… (%d bytes)", cut, len(text))) // a text always marshals
	return text
}
