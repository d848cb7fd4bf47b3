package service

import (
	"context"

	"github.com/ordinaut/ordinaut"
)

// ListApprovals asks for approvals.
type ListApprovals struct {
	State ApprovalState `json:"state,omitempty" enum:"open,decided,closed,any" default:"open" doc:"Only those that stand so. Others than open ones are listed for one run."`
	Run   string        `json:"run,omitempty" doc:"Only those of this run."`
	Task  string        `json:"task,omitempty" doc:"Only those of runs of this task; its id or key."`
	Limit int           `json:"limit,omitempty" minimum:"1" maximum:"200" default:"50" doc:"How many at most."`
}

// anyState asks for approvals wherever they stand.
const anyState ApprovalState = "any"

// ApprovalList is approvals, and whether there are more of them.
type ApprovalList struct {
	Items []Approval `json:"items" doc:"The approvals, those that have waited longest first." nullable:"false"`
	More  bool       `json:"more" doc:"Whether there are more; decide about these first, or choose a task."`
}

// ListApprovals lists what is asked of people.
func (s *Service) ListApprovals(ctx context.Context, r ListApprovals) (ApprovalList, error) {
	if r.State == "" {
		r.State = ApprovalOpen
	}
	if r.State != ApprovalOpen && r.Run == "" {
		return ApprovalList{}, &ordinaut.Error{
			Code: ordinaut.CodeFieldRequired, At: "/run",
			Message: "only open approvals are listed over all runs",
			Fix:     "say of which run, or leave state out",
		}
	}
	found, err := s.questions(ctx, r)
	if err != nil {
		return ApprovalList{}, err
	}
	list := ApprovalList{Items: []Approval{}}
	limit := pageLimit(r.Limit)
	tasks := map[ordinaut.TaskID]ordinaut.Task{}
	for _, q := range found {
		if r.State != anyState && q.state() != r.State {
			continue
		}
		if list.More = len(list.Items) == limit; list.More {
			break
		}
		t, known := tasks[q.run.TaskID]
		if !known {
			if t, err = s.store.Task(ctx, ordinaut.TaskRef{ID: q.run.TaskID}); err != nil {
				return ApprovalList{}, err
			}
			tasks[t.ID] = t
		}
		list.Items = append(list.Items, s.showApproval(ctx, q, t))
	}
	return list, nil
}

// questions finds those of one run, or all that are open.
func (s *Service) questions(ctx context.Context, r ListApprovals) ([]question, error) {
	task, err := s.taskNamed(ctx, r.Task)
	if err != nil {
		return nil, err
	}
	if r.Run != "" {
		return s.questionsOf(ctx, r.Run, task)
	}
	f := openWaits()
	f.TaskID, f.Limit = task, pageLimit(r.Limit)+1
	waits, err := s.store.ListWaits(ctx, f)
	if err != nil {
		return nil, err
	}
	all := make([]question, 0, len(waits))
	for _, w := range waits {
		run, err := s.findRun(ctx, w.RunID)
		if err != nil {
			return nil, err
		}
		all = append(all, question{run: run, step: w.Step})
	}
	return all, nil
}

// questionsOf finds everything that a run has asked.
func (s *Service) questionsOf(ctx context.Context, name string, task ordinaut.TaskID) ([]question, error) {
	run, err := s.findRun(ctx, ordinaut.RunID(name))
	if err != nil || task != "" && run.TaskID != task {
		return nil, err
	}
	steps, err := s.store.Steps(ctx, run.ID)
	if err != nil {
		return nil, err
	}
	var all []question
	for _, step := range steps {
		if q := (question{run: run, step: step}); q.kind() != "" {
			all = append(all, q)
		}
	}
	return all, nil
}

// taskNamed is the id of a task that a filter names by id or key.
func (s *Service) taskNamed(ctx context.Context, name string) (ordinaut.TaskID, error) {
	if name == "" {
		return "", nil
	}
	t, err := s.find(ctx, name)
	return t.ID, err
}
