package service

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/internal/rehearsal"
	"github.com/ordinaut/ordinaut/internal/schedule"
)

// TestPipeline asks for the pipeline of a task to be carried out with mocks in
// place of tools.
type TestPipeline struct {
	Task   json.RawMessage `json:"task" doc:"The task, as it would be created. Of its fields only those matter that a run needs."`
	Script json.RawMessage `json:"script,omitempty" doc:"The mocks, and the cases with what each expects: {mocks?, cases?, now?, params?}."`
}

// TestPipeline rehearses a pipeline. A case that does not go as expected is an
// answer and no error. Nothing is stored.
func (s *Service) TestPipeline(ctx context.Context, r TestPipeline) (rehearsal.Report, error) {
	task, err := taskIn(r.Task)
	if err != nil {
		return rehearsal.Report{}, err
	}
	zone, err := schedule.LoadZone(cmp.Or(task.Timezone, s.zone))
	if err != nil {
		return rehearsal.Report{}, ordinaut.AsError(err).Under("/task")
	}
	now, err := s.now(ctx)
	if err != nil {
		return rehearsal.Report{}, err
	}
	within, cancel := context.WithTimeout(ctx, limits.Rehearsal)
	defer cancel()
	report, err := rehearsal.Rehearsal{Task: task, Zone: zone, Tools: s.tools, Now: now}.Run(within, r.Script)
	if errors.Is(err, context.DeadlineExceeded) {
		return report, &ordinaut.Error{
			Code: ordinaut.CodeToolTimeout, Message: fmt.Sprintf("the cases took longer than %s", limits.Rehearsal),
			Fix: "try fewer cases at a time, or compute less in the pipeline", Err: err,
		}
	}
	return report, placed(err)
}

// taskIn reads a task that is only to be tried, so that no more of it needs to be
// right than what a run looks at.
func taskIn(raw json.RawMessage) (ordinaut.Task, error) {
	r := CreateTask{}
	r.SetDefaults()
	if err := json.Unmarshal(raw, &r); err != nil {
		return ordinaut.Task{}, &ordinaut.Error{
			Code: ordinaut.CodeFieldType, At: "/task", Message: "the task cannot be read", Fix: "see what validate says about it", Err: err,
		}
	}
	return ordinaut.Task{ID: "test", Key: cmp.Or(r.Key, slug(r.Title)), Definition: r.Definition}, nil
}

// placed says where in the request the faults of a rehearsal lie.
func placed(err error) error {
	if err == nil {
		return nil
	}
	var faults ordinaut.Errors
	for _, f := range ordinaut.AsError(err).All() {
		if strings.HasPrefix(f.At, "/payload") {
			f = f.Under("/task")
		}
		faults.Add(f)
	}
	return faults.Err()
}
