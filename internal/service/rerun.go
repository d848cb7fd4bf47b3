package service

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/pipeline"
)

// Rerun asks for a run that has ended once more.
type Rerun struct {
	Run         string          `json:"run" doc:"The id of the run."`
	FromStep    string          `json:"from_step,omitempty" doc:"Keep the results that were recorded, but for those of this step and of what waits for it. failed keeps all that stand, so the run goes on where it failed or was canceled. Without it every step is done anew." example:"failed"`
	Params      json.RawMessage `json:"params,omitempty" doc:"An object laid over the params of the run." example:"{\"city\":\"Chisinau\"}"`
	Version     string          `json:"version,omitempty" enum:"same,latest" default:"same" doc:"The version of the task that is followed: that of the run, or the newest."`
	Now         string          `json:"now,omitempty" enum:"same,new" doc:"What ${now} is: that of the run, so that what is kept and what is done anew agree, or the present. same with from_step, and else new."`
	Force       bool            `json:"force,omitempty" doc:"Also when the task is paused."`
	WaitSeconds float64         `json:"wait_seconds,omitempty" minimum:"0" maximum:"60" doc:"Wait this long for the end before answering."`
}

// What may be asked of a rerun.
const (
	fromFailed    = "failed" // where the run failed
	sameAsBefore  = "same"
	latestVersion = "latest"
)

// RunLink is another run, as it stands.
type RunLink struct {
	ID     ordinaut.RunID     `json:"id" doc:"Its id."`
	Status ordinaut.RunStatus `json:"status" enum:"queued,parked,running,waiting,succeeded,failed,canceled" doc:"Where it stands."`
}

// rerunsShown is how many reruns are shown with their run.
const rerunsShown = 10

// rerunsOf are the newest runs that repeat a run.
func (s *Service) rerunsOf(ctx context.Context, id ordinaut.RunID) (links []RunLink, err error) {
	runs, err := s.store.RerunsOf(ctx, id, rerunsShown)
	for _, r := range runs {
		links = append(links, RunLink{ID: r.ID, Status: r.Status})
	}
	return links, err
}

// RerunRun queues a run that repeats one that has ended.
func (s *Service) RerunRun(ctx context.Context, r Rerun) (Run, error) {
	run, err := s.repeater().rerun(ctx, r)
	switch {
	case err != nil:
		return Run{}, err
	case r.WaitSeconds > 0:
		return s.await(ctx, run.ID, r.WaitSeconds)
	}
	return showRun(run), nil
}

// repeater repeats runs. What it knows of the plans of their tasks it keeps, so
// that many runs of one task cost no more than one.
type repeater struct {
	*Service
	mu    sync.Mutex
	plans map[versionOf]planned
}

// versionOf names a version of a task.
type versionOf struct {
	task   ordinaut.TaskID
	number int
}

// planned is a plan, or why there is none.
type planned struct {
	plan *pipeline.Plan
	err  error
}

func (s *Service) repeater() *repeater {
	return &repeater{Service: s, plans: map[versionOf]planned{}}
}

// rerun makes the run.
func (s *repeater) rerun(ctx context.Context, r Rerun) (ordinaut.Run, error) {
	was, err := s.findRun(ctx, ordinaut.RunID(r.Run))
	if err != nil {
		return was, err
	}
	t, err := s.find(ctx, string(was.TaskID))
	if err != nil {
		return was, err
	}
	again, err := s.repeat(ctx, t, was, r)
	if err != nil {
		return was, err
	}
	err = s.store.Rerun(ctx, again, ordinaut.ChangeFrom(ctx).About(string(again.Run.ID)))
	if errors.Is(err, ordinaut.ErrNotFound) {
		err = resultsGone(was.ID)
	}
	return again.Run, err
}

// repeat is the run that is asked for.
func (s *repeater) repeat(ctx context.Context, t ordinaut.Task, was ordinaut.Run, r Rerun) (ordinaut.Rerun, error) {
	var faults ordinaut.Errors
	if !was.Status.Final() {
		faults.Add(&ordinaut.Error{
			Code: ordinaut.CodeRunState, At: "/run", Sent: string(was.ID),
			Message: fmt.Sprintf("a run is repeated when it has ended; this one is %s", was.Status),
			Fix:     "wait for its end, or cancel it first",
		})
	}
	faults.Add(mayRun(t, r.Force))
	params, err := laidOver(was.Params, r.Params)
	faults.Add(err)
	if err := faults.Err(); err != nil {
		return ordinaut.Rerun{}, err
	}
	now, err := s.now(ctx)
	if err != nil {
		return ordinaut.Rerun{}, err
	}
	again := ordinaut.Rerun{Run: ordinaut.Run{
		ID: ordinaut.RunID(newID()), TaskID: t.ID, TaskVersion: was.TaskVersion, Trigger: ordinaut.TriggerRerun,
		Nominal: was.Nominal, ScheduledFor: now, EnqueuedAt: now, Status: ordinaut.RunQueued,
		Priority: t.Priority, Params: params, PlanRev: t.PlanRev, RerunOf: was.ID, Depth: was.Depth, Event: was.Event,
	}}
	if r.Version == latestVersion {
		again.Run.TaskVersion = t.Version
	}
	if cmp.Or(r.Now, r.nowOf()) == sameAsBefore {
		again.Run.Now = was.Now
	}
	if r.FromStep != "" {
		again.Keep, err = s.kept(ctx, t, was, again.Run, r)
	}
	return again, err
}

// nowOf is which now is meant when nobody says.
func (r Rerun) nowOf() string {
	if r.FromStep != "" {
		return sameAsBefore
	}
	return "new"
}

// mayRun refuses a run that somebody asks for when its task stands so that it
// should not be made.
func mayRun(t ordinaut.Task, force bool) error {
	switch {
	case t.Status == ordinaut.TaskCanceled:
		return wrongState(t, "a canceled task cannot be run", "make a new task")
	case t.Status == ordinaut.TaskPaused && !force:
		return wrongState(t, "a paused task is not run", "resume it first, or send force: true")
	}
	return nil
}

// laidOver is params with others laid over them, name by name.
func laidOver(was, over json.RawMessage) (json.RawMessage, error) {
	if err := checkParams(over); err != nil || len(over) == 0 {
		return was, err
	}
	both := map[string]json.RawMessage{}
	for _, params := range []json.RawMessage{was, over} {
		var names map[string]json.RawMessage
		if len(params) > 0 {
			_ = json.Unmarshal(params, &names) // both were checked when they were sent
		}
		maps.Copy(both, names)
	}
	all, err := json.Marshal(both)
	if err == nil {
		err = checkParams(all)
	}
	return all, err
}

// kept names the results with which the run begins.
func (s *repeater) kept(ctx context.Context, t ordinaut.Task, was, is ordinaut.Run, r Rerun) ([]string, error) {
	past, err := s.store.Steps(ctx, was.ID)
	if err != nil {
		return nil, err
	}
	if err := checkPast(was, past, r.FromStep); err != nil {
		return nil, err
	}
	if is.TaskVersion != was.TaskVersion {
		if past, err = s.taken(ctx, t, was, is.TaskVersion, past, r.FromStep); err != nil {
			return nil, err
		}
	}
	plan, err := s.planOf(ctx, t, is.TaskVersion)
	if err != nil {
		return nil, err
	}
	sameNow := is.Now != nil && was.Now != nil && is.Now.Equal(*was.Now)
	return plan.Keep(pipeline.Repeat{
		From:   fromOf(r.FromStep),
		Steady: sameNow && is.TaskVersion == was.TaskVersion && len(r.Params) == 0,
	}, past)
}

// fromOf is the step that is done anew. Of a run that failed nothing that waits
// for the failure has a result, so there all that stand are kept.
func fromOf(asked string) string {
	if asked == fromFailed {
		return ""
	}
	return asked
}

// checkPast refuses to go on from results that are not there.
func checkPast(was ordinaut.Run, past []ordinaut.StepResult, from string) error {
	recorded := func(path string) bool {
		return slices.ContainsFunc(past, func(r ordinaut.StepResult) bool { return r.Path == path })
	}
	switch {
	case from == fromFailed && was.Status == ordinaut.RunSucceeded:
		return &ordinaut.Error{
			Code: ordinaut.CodeRunState, At: "/from_step", Sent: from,
			Message: "the run has succeeded, so there is no step at which it failed",
			Fix:     "name the step that is to be done anew, or leave from_step out",
		}
	case was.Status == ordinaut.RunSucceeded && len(past) == 0,
		was.Failure != nil && was.Failure.Step != "" && !recorded(was.Failure.Step):
		return resultsGone(was.ID)
	}
	return nil
}

func resultsGone(id ordinaut.RunID) error {
	return &ordinaut.Error{
		Code: ordinaut.CodeRunState, At: "/from_step", Sent: string(id),
		Message: "the results of the run are not kept any more",
		Fix:     "leave from_step out, and every step is done anew",
	}
}

// taken is the results that another version of the task can take over. It
// refuses when there are some for which it has no step.
func (s *repeater) taken(ctx context.Context, t ordinaut.Task, was ordinaut.Run, version int, past []ordinaut.StepResult, from string) ([]ordinaut.StepResult, error) {
	old, err := s.planOf(ctx, t, was.TaskVersion)
	if err != nil {
		return nil, err
	}
	keep, err := old.Keep(pipeline.Repeat{From: fromOf(from), Steady: true}, past)
	if err != nil { // the step is of the new version alone
		keep, err = old.Keep(pipeline.Repeat{Steady: true}, past)
	}
	if err != nil {
		return nil, err
	}
	past = slices.DeleteFunc(past, func(r ordinaut.StepResult) bool { return !slices.Contains(keep, r.Path) })
	plan, err := s.planOf(ctx, t, version)
	if err != nil {
		return nil, err
	}
	if missing := plan.Missing(past); len(missing) > 0 {
		return nil, &ordinaut.Error{
			Code: ordinaut.CodeRunState, At: "/from_step", Sent: from,
			Message: fmt.Sprintf("version %d has no place for the results of %s: it has no such step, or calls another tool there", version, strings.Join(missing, ", ")),
			Fix:     "begin at the first step that differs, or leave from_step out",
		}
	}
	return past, nil
}

// planOf is the plan of a version of a task; 0 is the newest.
func (s *repeater) planOf(ctx context.Context, t ordinaut.Task, version int) (*pipeline.Plan, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := versionOf{t.ID, cmp.Or(version, t.Version)}
	p, known := s.plans[key]
	if !known {
		p.plan, p.err = s.compileVersion(ctx, t, key.number)
		s.plans[key] = p
	}
	return p.plan, p.err
}

func (s *Service) compileVersion(ctx context.Context, t ordinaut.Task, version int) (*pipeline.Plan, error) {
	d := t.Definition
	if version != t.Version {
		var err error
		if d, err = s.store.Definition(ctx, t.ID, version); err != nil {
			return nil, fmt.Errorf("read version %d: %w", version, err)
		}
	}
	plan, err := s.plan(ctx, d.Payload)
	if err != nil {
		err = &ordinaut.Error{
			Code: ordinaut.CodeRunState, At: "/version", Sent: version,
			Message: fmt.Sprintf("version %d of the task cannot be carried out any more: %s", version, ordinaut.AsError(err).All()[0].Message),
			Fix:     "bring back what it needs, or change the task and send version: latest", Err: err,
		}
	}
	return plan, err
}
