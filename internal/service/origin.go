package service

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// asked marks a run as asked for by the step of another one, when it is.
func asked(ctx context.Context, r *ordinaut.Run) error {
	o, ok := ordinaut.OriginFrom(ctx)
	if !ok {
		return nil
	}
	if o.Depth >= limits.RunDepth {
		return &ordinaut.Error{
			Code:    ordinaut.CodeRunDepth,
			Message: fmt.Sprintf("this run is the %dth that another one asked for, which is as deep as it goes", o.Depth),
			Fix:     "look whether the tasks run one another in a circle; or have one task run the others, instead of a chain",
		}
	}
	r.Trigger, r.Parent, r.ParentStep, r.Depth = ordinaut.TriggerRun, o.RunID, o.Step, o.Depth+1
	return nil
}

// madeBefore finds the run that the step made when it was tried before.
func (s *Service) madeBefore(ctx context.Context) (Run, error) {
	o, _ := ordinaut.OriginFrom(ctx)
	made, err := s.store.ListRuns(ctx, ordinaut.RunFilter{Parent: o.RunID})
	if err != nil {
		return Run{}, err
	}
	i := slices.IndexFunc(made, func(r ordinaut.Run) bool { return r.ParentStep == o.Step })
	if i < 0 {
		return Run{}, fmt.Errorf("the run that %s of run %s made: %w", o.Step, o.RunID, ordinaut.ErrNotFound)
	}
	return showRun(made[i]), nil
}

// ownKey is the key of a task that a step makes without naming one. It is the
// same however often the step is tried, so the task is made once.
func ownKey(title string, o ordinaut.Origin) string {
	sum := sha256.Sum256([]byte(string(o.RunID) + "/" + o.Step))
	return deriveKey(title, ordinaut.TaskID(hex.EncodeToString(sum[:4])), true)
}
