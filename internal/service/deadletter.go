package service

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// ListDeadLetters asks for the failures that nobody has dealt with.
type ListDeadLetters struct {
	Task string `json:"task,omitempty" doc:"Only those of this task; its id or key."`
}

// DeadLetterPage is the failures that nobody has dealt with.
type DeadLetterPage struct {
	Runs  int               `json:"runs" doc:"How many failed runs there are."`
	More  bool              `json:"more,omitempty" required:"false" doc:"There may be older ones that were not looked at."`
	Items []DeadLetterGroup `json:"items" doc:"Alike failures of a task, those with the newest first." nullable:"false"`
}

// DeadLetterGroup is failed runs of one task that failed at the same step with
// the same code.
type DeadLetterGroup struct {
	Task      string          `json:"task" doc:"The key of the task."`
	TaskID    ordinaut.TaskID `json:"task_id" doc:"Its id."`
	Step      string          `json:"step" doc:"The step that failed, items of a foreach together as in loop[].draft; empty when the run failed outside of any."`
	Code      ordinaut.Code   `json:"code" doc:"The code of the failure."`
	Class     ordinaut.Class  `json:"class" doc:"What may be done about it."`
	Count     int             `json:"count" doc:"How many runs failed so."`
	FirstAt   time.Time       `json:"first_at" doc:"When the oldest of them failed."`
	LastAt    time.Time       `json:"last_at" doc:"When the newest failed."`
	NewestRun ordinaut.RunID  `json:"newest_run_id" doc:"The newest of them."`
	Message   string          `json:"message" doc:"Why that one failed."`
	Fix       string          `json:"fix" doc:"What to do about it."`
}

// ListDeadLetters shows the failed runs that nobody has dealt with.
func (s *Service) ListDeadLetters(ctx context.Context, r ListDeadLetters) (DeadLetterPage, error) {
	letters, more, err := s.deadLetters(ctx, r.Task, limits.DeadLetters)
	if err != nil {
		return DeadLetterPage{}, err
	}
	page := DeadLetterPage{Runs: len(letters), More: more, Items: grouped(letters)}
	for i := range page.Items {
		t, err := s.find(ctx, string(page.Items[i].TaskID))
		if err != nil {
			return DeadLetterPage{}, err
		}
		page.Items[i].Task = t.Key
	}
	return page, nil
}

// deadLetters are the newest ones of a task, or of all, and whether there are
// more.
func (s *Service) deadLetters(ctx context.Context, task string, most int) ([]ordinaut.DeadLetter, bool, error) {
	f := ordinaut.DeadLetterFilter{Limit: most + 1}
	if task != "" {
		t, err := s.find(ctx, task)
		if err != nil {
			return nil, false, err
		}
		f.TaskID = t.ID
	}
	letters, err := s.store.DeadLetters(ctx, f)
	return letters[:min(len(letters), most)], len(letters) > most, err
}

// kindred is what dead letters of one group have in common.
type kindred struct {
	task ordinaut.TaskID
	step string
	code ordinaut.Code
}

func kindredOf(l ordinaut.DeadLetter) kindred {
	return kindred{l.TaskID, anyItem(l.Failure.Step), l.Failure.Code}
}

var itemNumber = regexp.MustCompile(`\[\d*\]`)

// anyItem is the path of a step in whichever item of its foreach.
func anyItem(path string) string { return itemNumber.ReplaceAllString(path, "[]") }

// grouped puts those together that are alike, in the order of their newest.
func grouped(letters []ordinaut.DeadLetter) []DeadLetterGroup {
	groups, at := []DeadLetterGroup{}, map[kindred]int{}
	for _, l := range letters {
		k := kindredOf(l)
		i, known := at[k]
		if !known {
			i, at[k] = len(groups), len(groups)
			groups = append(groups, DeadLetterGroup{
				TaskID: k.task, Step: k.step, Code: k.code, Class: l.Failure.Class, FirstAt: l.FinishedAt, LastAt: l.FinishedAt,
				NewestRun: l.RunID, Message: l.Failure.Message, Fix: l.Failure.Fix,
			})
		}
		g := &groups[i]
		g.Count++
		if l.FinishedAt.Before(g.FirstAt) {
			g.FirstAt = l.FinishedAt
		}
		if l.FinishedAt.After(g.LastAt) {
			g.LastAt = l.FinishedAt
		}
	}
	slices.SortStableFunc(groups, func(a, b DeadLetterGroup) int { return b.LastAt.Compare(a.LastAt) })
	return groups
}

// DeadLetterChoice says which dead letters are meant.
type DeadLetterChoice struct {
	Run   string        `json:"run,omitempty" doc:"The id of one failed run."`
	Task  string        `json:"task,omitempty" doc:"Those of this task; its id or key."`
	Step  string        `json:"step,omitempty" doc:"Those that failed at this step, in any item of a foreach." example:"send"`
	Code  ordinaut.Code `json:"code,omitempty" doc:"Those that failed with this code." example:"tool.timeout"`
	All   bool          `json:"all,omitempty" doc:"All there are."`
	Limit int           `json:"limit,omitempty" minimum:"1" maximum:"1000" default:"1000" doc:"How many at most, the newest first."`
}

// Redrive asks for failed runs to go on where they failed.
type Redrive struct {
	DeadLetterChoice
	Version string `json:"version,omitempty" enum:"same,latest" default:"same" doc:"The version of the task that is followed: that of the run, or the newest, which may have been mended since."`
}

// Redrive repeats failed runs from where they failed.
func (s *Service) Redrive(ctx context.Context, r Redrive) (BulkResult, error) {
	runs, more, err := s.chosen(ctx, r.DeadLetterChoice)
	if err != nil {
		return BulkResult{}, err
	}
	result := inBulk(ctx, actionRedrive, runs, s.rerunner(Rerun{FromStep: fromFailed, Version: r.Version}))
	result.More = more
	return result, nil
}

// Dismiss marks failed runs as dealt with.
func (s *Service) Dismiss(ctx context.Context, r DeadLetterChoice) (BulkResult, error) {
	runs, more, err := s.chosen(ctx, r)
	if err != nil {
		return BulkResult{}, err
	}
	result := inBulk(ctx, actionDismiss, runs, func(ctx context.Context, run ordinaut.Run) (ordinaut.RunID, error) {
		gone, err := s.store.Dismiss(ctx, []ordinaut.RunID{run.ID}, ordinaut.ChangeFrom(ctx).About(string(run.ID)))
		if err == nil && len(gone) == 0 {
			err = dealtWith(run)
		}
		return "", err
	})
	result.More = more
	return result, nil
}

// chosen is the failed runs that are meant.
func (s *Service) chosen(ctx context.Context, c DeadLetterChoice) ([]ordinaut.Run, bool, error) {
	if c.Run == "" && c.Task == "" && c.Step == "" && c.Code == "" && !c.All {
		return nil, false, &ordinaut.Error{
			Code: ordinaut.CodeFieldRequired, At: "/run", Message: "nothing says which failed runs are meant",
			Fix: "name a run, or a task, step or code, or send all: true",
		}
	}
	letters, more, err := s.deadLetters(ctx, c.Task, limits.DeadLetters)
	if err != nil {
		return nil, false, err
	}
	var runs []ordinaut.Run
	most := cmp.Or(c.Limit, limits.BulkRuns)
	for _, l := range letters {
		if !c.means(l) {
			continue
		}
		if len(runs) == most {
			return runs, true, nil
		}
		runs = append(runs, ordinaut.Run{ID: l.RunID, TaskID: l.TaskID, Status: ordinaut.RunFailed})
	}
	if c.Run != "" && len(runs) == 0 {
		return nil, false, s.notDead(ctx, c)
	}
	return runs, more, nil
}

// means says whether a dead letter is meant.
func (c DeadLetterChoice) means(l ordinaut.DeadLetter) bool {
	k := kindredOf(l)
	return (c.Run == "" || string(l.RunID) == c.Run) && (c.Step == "" || k.step == anyItem(c.Step)) && (c.Code == "" || k.code == c.Code)
}

// notDead says why a run is none of the dead letters that are meant.
func (s *Service) notDead(ctx context.Context, c DeadLetterChoice) error {
	run, err := s.findRun(ctx, ordinaut.RunID(c.Run))
	if err != nil {
		return err
	}
	if run.Status == ordinaut.RunFailed {
		return dealtWith(run)
	}
	return &ordinaut.Error{
		Code: ordinaut.CodeRunState, At: "/run", Sent: c.Run,
		Message: "only a failed run is a dead letter; this one is " + string(run.Status),
		Fix:     "see which there are: ordinaut dead-letters list",
	}
}

// dealtWith says that a failed run is nobody's business any more.
func dealtWith(run ordinaut.Run) error {
	return &ordinaut.Error{
		Code: ordinaut.CodeRunState, At: "/run", Sent: string(run.ID),
		Message: "somebody has dealt with this failure: it was dismissed, or the run was repeated",
		Fix:     "repeat it all the same: ordinaut runs rerun " + string(run.ID),
	}
}
