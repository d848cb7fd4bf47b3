package service

import (
	"context"
	"errors"
	"fmt"

	"github.com/ordinaut/ordinaut"
)

// CancelRun ends a run. One that waits is withdrawn at once; one that is at work
// is told to stop, and has ended when its worker has let go of it.
func (s *Service) CancelRun(ctx context.Context, r RunName) (Run, error) {
	run, err := s.findRun(ctx, ordinaut.RunID(r.Run))
	if err != nil {
		return Run{}, err
	}
	change := ordinaut.ChangeFrom(ctx).About(string(run.ID))
	err = s.store.CancelRun(ctx, run.ID, ordinaut.ReasonCanceled, change)
	if err != nil && !errors.Is(err, ordinaut.ErrRunEnded) {
		return Run{}, err
	}
	ended := err != nil
	shown, err := s.await(ctx, run.ID, r.WaitSeconds)
	if err == nil && ended && shown.Status != ordinaut.RunCanceled {
		err = &ordinaut.Error{
			Code: ordinaut.CodeRunState, At: "/run", Sent: r.Run,
			Message: fmt.Sprintf("a run that has ended cannot be canceled; it has %s", shown.Status),
			Fix:     "cancel its task to keep it from running again",
		}
	}
	return shown, err
}
