package service

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/ordinaut/ordinaut"
)

// The id of an approval is that of its run and the path of its step. The end of
// a run's id is random, so that a few characters of it are enough to type.
const (
	shortID = 8 // characters of a run's id that are shown as its short form
	leastID = 4 // of them that must be typed
)

func (q question) id() string { return string(q.run.ID) + ":" + q.step.Path }

func (q question) short() string { return tail(q.run.ID) + ":" + q.step.Path }

func tail(id ordinaut.RunID) string { return string(id[max(0, len(id)-shortID):]) }

// question finds the approval that a name means: any that there is or was by its
// id, and one that is open by as much of the id as is like no other. A run that
// waits for no decision any more is named by the last one it asked for.
func (s *Service) question(ctx context.Context, name string) (question, error) {
	run, path, _ := strings.Cut(name, ":")
	whole := uuid.Validate(run) == nil
	if whole && path != "" {
		return s.questionAt(ctx, name, ordinaut.RunID(run), path)
	}
	open, err := s.openAs(ctx, run, path)
	switch {
	case err != nil:
		return question{}, err
	case len(open) == 1:
		return s.questionAt(ctx, name, open[0].RunID, open[0].Step.Path)
	case len(open) > 1:
		return question{}, ambiguous(name, open)
	case whole:
		return s.lastOf(ctx, name)
	}
	return question{}, notAsked(name, fmt.Sprintf("nothing that is called %q waits for a decision", name))
}

// lastOf is the last that a run has asked.
func (s *Service) lastOf(ctx context.Context, name string) (question, error) {
	all, err := s.questionsOf(ctx, name, "")
	if errors.Is(err, &ordinaut.Error{Code: ordinaut.CodeRunNotFound}) {
		return question{}, notAsked(name, fmt.Sprintf("there is no run %q", name))
	}
	switch {
	case err != nil:
		return question{}, err
	case len(all) == 0:
		return question{}, notAsked(name, "the run has asked nobody for a decision")
	}
	return all[len(all)-1], nil
}

// questionAt is the approval of a step.
func (s *Service) questionAt(ctx context.Context, name string, id ordinaut.RunID, path string) (question, error) {
	run, err := s.findRun(ctx, id)
	if errors.Is(err, &ordinaut.Error{Code: ordinaut.CodeRunNotFound}) {
		return question{}, notAsked(name, fmt.Sprintf("there is no run %q", id))
	}
	if err != nil {
		return question{}, err
	}
	steps, err := s.store.Steps(ctx, id)
	if err != nil {
		return question{}, err
	}
	at := slices.IndexFunc(steps, func(step ordinaut.StepResult) bool { return step.Path == path })
	if at < 0 {
		return question{}, notAsked(name, fmt.Sprintf("the run has not come to a step %q", path))
	}
	q := question{run: run, step: steps[at]}
	if q.kind() == "" {
		return question{}, notAsked(name, fmt.Sprintf("step %s asks nobody for a decision; its status is %s", path, q.step.Status))
	}
	return q, nil
}

// notAsked is the error of a name that means no approval.
func notAsked(name, message string) error {
	return &ordinaut.Error{
		Code: ordinaut.CodeApprovalNotFound, At: "/approval", Sent: name,
		Message: message, Fix: "see what waits for a decision with ordinaut approvals list",
	}
}

// ambiguous is the error of a name that means several.
func ambiguous(name string, open []ordinaut.Waiting) error {
	return &ordinaut.Error{
		Code: ordinaut.CodeApprovalAmbiguous, At: "/approval", Sent: name,
		Message: fmt.Sprintf("%d decisions that are called %q are waited for", len(open), name),
		Fix:     "name one of them", Examples: names(open),
	}
}

// openAs finds the open approvals of the run, or of the runs of the task, that
// is so called; of one step when there is a path.
func (s *Service) openAs(ctx context.Context, name, path string) ([]ordinaut.Waiting, error) {
	f := openWaits()
	task, err := s.find(ctx, name)
	switch {
	case err == nil:
		f.TaskID = task.ID
	case !errors.Is(err, &ordinaut.Error{Code: ordinaut.CodeTaskNotFound}):
		return nil, err
	case uuid.Validate(name) == nil:
		f.RunID = ordinaut.RunID(name)
	case len(name) < leastID:
		return nil, nil
	}
	open, err := s.store.ListWaits(ctx, f)
	return slices.DeleteFunc(open, func(w ordinaut.Waiting) bool {
		short := f.RunID == "" && f.TaskID == ""
		return path != "" && w.Step.Path != path || short && !strings.HasSuffix(string(w.RunID), name)
	}), err
}

// openWaits selects what waits for somebody's decision.
func openWaits() ordinaut.WaitFilter {
	return ordinaut.WaitFilter{Kinds: []ordinaut.WaitKind{ordinaut.WaitApproval, ordinaut.WaitDoubt}, Open: true}
}

// namesShown is how many names an error lists.
const namesShown = 20

// names are what open approvals are called for short.
func names(open []ordinaut.Waiting) []string {
	all := []string{}
	for _, w := range open[:min(len(open), namesShown)] {
		all = append(all, question{run: ordinaut.Run{ID: w.RunID}, step: w.Step}.short())
	}
	return all
}
