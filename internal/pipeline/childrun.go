package pipeline

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// child is what flow.run_task is given.
type child struct {
	Wait           *bool    `json:"wait"` // for the end of the run; nil is yes
	TimeoutSeconds *float64 `json:"timeout_seconds"`
}

// begun is what flow.run_task answers: the run that it has started.
type begun struct {
	RunID  string `json:"run_id"`
	TaskID string `json:"task_id"`
}

// follow goes on from a call that has started a run: the step has its result, or
// waits for the end of that run.
func (g *Progress) follow(p place, r ordinaut.StepResult) ordinaut.StepResult {
	var c child
	var b begun
	if json.Unmarshal(r.Input, &c) != nil || json.Unmarshal(r.Output, &b) != nil || c.Wait != nil && !*c.Wait || b.RunID == "" {
		if undoable(r) {
			g.toUndo++
		}
		g.settle(p, r)
		return r
	}
	until := r.FinishedAt.Add(limits.WaitMax)
	if c.TimeoutSeconds != nil {
		until = r.FinishedAt.Add(min(seconds(c.TimeoutSeconds), limits.WaitMax))
	}
	r.Status, r.FinishedAt = ordinaut.StepWaiting, nil
	r.Wait = &ordinaut.Wait{Kind: ordinaut.WaitRun, Key: b.RunID, Until: &until}
	g.await(p, r)
	return r
}

// homecoming is how a run has ended that a step waits for.
type homecoming struct {
	RunID   string             `json:"run_id"`
	Status  ordinaut.RunStatus `json:"status"`
	Output  json.RawMessage    `json:"output"`
	Failure *ordinaut.Failure  `json:"failure"`
}

// returned goes on from the end of the run that the step waits for. A run that has
// not succeeded was tried again as often as its own task says.
func (g *Progress) returned(p place, r ordinaut.StepResult) {
	f := ordinaut.Failure{
		Class: ordinaut.ClassTimeout, Code: ordinaut.CodeRunChild,
		Message: fmt.Sprintf("the run %s has not ended by %s", r.Wait.Key, r.Wait.Until.UTC().Format(time.RFC3339)),
		Fix:     "look at that run; give the step a larger timeout_seconds when it only needs longer",
	}
	if r.Wait.Answer == nil {
		g.lose(p, r, f)
		return
	}
	var h homecoming
	var b begun
	if err := json.Unmarshal(r.Wait.Answer, &h); err != nil {
		g.lose(p, r, unreadable(r, err))
		return
	}
	_ = json.Unmarshal(r.Output, &b) // which was read when the step began to wait
	if h.Status == ordinaut.RunSucceeded {
		g.succeed(p, r, map[string]any{"run_id": r.Wait.Key, "task_id": b.TaskID, "status": h.Status, "output": h.Output})
		return
	}
	f.Class, f.Message, f.Fix = ordinaut.ClassToolError, fmt.Sprintf("the run %s was %s", r.Wait.Key, h.Status), "look at that run"
	if h.Failure != nil {
		f.Class, f.Message = h.Failure.Class, fmt.Sprintf("the run %s has %s: %s", r.Wait.Key, h.Status, h.Failure.Message)
	}
	g.lose(p, r, f)
}
