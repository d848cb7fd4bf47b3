package service_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/service"
	"github.com/ordinaut/ordinaut/internal/tool"
	"github.com/ordinaut/ordinaut/internal/tool/builtin"
	"github.com/ordinaut/ordinaut/ordinauttest"
)

// TestOnlyThoseWhoMayDecideAreShownTheLink reads an approval with and without
// the right to decide.
func TestOnlyThoseWhoMayDecideAreShownTheLink(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		w.Create(newsletter)
		run := started(t, w, "newsletter")
		tools, err := tool.New(t.Context(), builtin.Tools(builtin.Options{})...)
		if err != nil {
			t.Fatal(err)
		}
		s := service.New(service.Options{Store: w.Store, Tools: tools, Link: func(run ordinaut.RunID, path string) string {
			return fmt.Sprintf("https://ordinaut.example/%s/%s", run, path)
		}})
		link := fmt.Sprintf("https://ordinaut.example/%s/review", run.ID)
		for scope, want := range map[ordinaut.Scope]string{
			ordinaut.ScopeRunsRead: "", ordinaut.ScopeRunsControl: link, ordinaut.ScopeAdmin: link,
		} {
			ctx := ordinaut.WithAgent(t.Context(), ordinaut.Agent{ID: "a", Name: "Ada", Scopes: []ordinaut.Scope{scope}})
			one, err := s.GetApproval(ctx, service.ApprovalName{Approval: string(run.ID)})
			if err != nil || one.Link != want {
				t.Errorf("%s: got %q, %v, want %q", scope, one.Link, err, want)
			}
			list, err := s.ListApprovals(ctx, service.ListApprovals{})
			if err != nil || len(list.Items) != 1 || list.Items[0].Link != want {
				t.Errorf("%s: got the list %+v, %v", scope, list.Items, err)
			}
			shown, err := s.GetRun(ctx, service.RunName{Run: string(run.ID)})
			if err != nil || shown.Steps[2].Wait.Link != want {
				t.Errorf("%s: got %+v, %v in the run", scope, shown.Steps[2].Wait, err)
			}
		}
	})
}

func TestOfManyWhoDecideAtOnceOneDoes(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		w.Create(newsletter)
		id := string(started(t, w, "newsletter").ID)
		const judges = 20
		verdicts := make(chan error, judges)
		var all sync.WaitGroup
		for i := range judges {
			all.Go(func() {
				decision := []string{"approved", "rejected"}[i%2]
				_, err := w.Call("approval.decide", fmt.Sprintf(`{"approval": %q, "decision": %q}`, id, decision))
				verdicts <- err
			})
		}
		all.Wait()
		close(verdicts)
		taken := 0
		for err := range verdicts {
			switch {
			case err == nil:
				taken++
			case !errors.Is(err, &ordinaut.Error{Code: ordinaut.CodeApprovalDecided}):
				t.Errorf("got %v, want that it was decided already", err)
			}
		}
		if taken != 1 {
			t.Errorf("%d decisions were taken, want 1", taken)
		}
	})
}

// silent is a store whose waits nobody can answer any more.
type silent struct{ ordinaut.Store }

func (silent) Answer(context.Context, ordinaut.Answer, ordinaut.Change) error {
	return ordinaut.ErrNotFound
}

func TestADecisionThatIsOvertakenSaysSo(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		w.Create(newsletter)
		run := started(t, w, "newsletter")
		s := service.New(service.Options{Store: silent{w.Store}})
		_, err := s.Decide(t.Context(), service.DecideApproval{ApprovalName: service.ApprovalName{Approval: string(run.ID)}, Decision: service.Rejected})
		if !errors.Is(err, &ordinaut.Error{Code: ordinaut.CodeApprovalChanged}) {
			t.Errorf("got %v, want that something else is asked now", err)
		}
	})
}

// late is a store that is asked when the deadline has passed, or when the run is
// being undone.
type late struct {
	ordinaut.Store
	undone bool
}

func (l late) Now(ctx context.Context) (time.Time, error) {
	now, err := l.Store.Now(ctx)
	return now.Add(48 * time.Hour), err
}

func (l late) Run(ctx context.Context, id ordinaut.RunID) (ordinaut.Run, error) {
	run, err := l.Store.Run(ctx, id)
	if l.undone {
		run.Ending = &ordinaut.Ending{Status: ordinaut.RunFailed}
	}
	return run, err
}

func TestADecisionThatComesTooLateSaysSo(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		w.Create(newsletter)
		run := started(t, w, "newsletter")
		for undone, want := range map[bool]string{
			false: "the time to decide was over at 2000-01-03T00:00:00Z", true: "step review waits for nothing any more",
		} {
			s := service.New(service.Options{Store: late{w.Store, undone}})
			_, err := s.Decide(t.Context(), service.DecideApproval{ApprovalName: service.ApprovalName{Approval: string(run.ID)}, Decision: service.Rejected})
			if e := ordinaut.AsError(err); e.Code != ordinaut.CodeApprovalDecided || e.Message != want {
				t.Errorf("got %v, want %q", err, want)
			}
		}
	})
}

func TestWhereAnApprovalCanBeSentBackTo(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		w.Create(hello(`"schedule_kind": "manual", "schedule_expr": "", "key": "first", "payload": {"pipeline": [
			{"id": "ask", "uses": "orchestrator.request_approval", "with": {"message": "Begin?", "default": "approve"}}]}`))
		w.Create(hello(`"schedule_kind": "manual", "schedule_expr": "", "key": "second", "payload": {"pipeline": [
			{"id": "draft", "uses": "debug.echo"}, {"id": "ask", "uses": "orchestrator.request_approval", "with": {"message": "Go on?"}}]}`))
		w.Create(hello(`"schedule_kind": "manual", "schedule_expr": "", "key": "each", "payload": {"params": {"list": [1]}, "pipeline": [
			{"id": "all", "foreach": "params.list", "steps": [{"id": "ask", "uses": "orchestrator.request_approval", "with": {"message": "This one?"}}]}]}`))
		started(t, w, "first")
		e := refused(t, w, "approval.decide", `{"approval": "first", "decision": "changes"}`, ordinaut.CodeFieldValue)
		if e.At != "/decision" || e.Message != "there is no earlier step that could be done again" {
			t.Errorf("got %q at %s", e.Message, e.At)
		}
		if got := approval(t, w, "first"); got.Default != service.Approved {
			t.Errorf("got the default %q, want approved", got.Default)
		}
		started(t, w, "second")
		again := decide(t, w, "second", `"decision": "changes"`) // there is one step only that it can mean
		if again.Status != ordinaut.RunWaiting || again.Steps[0].Path != "draft~1" {
			t.Errorf("got %s and %+v", again.Status, again.Steps)
		}
		e = refused(t, w, "approval.decide", `{"approval": "second", "decision": "changes", "to": "ask"}`, ordinaut.CodeFieldValue)
		if e.Fix != "name draft" {
			t.Errorf("got the fix %q", e.Fix)
		}
		run := started(t, w, "each")
		short := string(run.ID[len(run.ID)-8:]) + ":all[0].ask"
		want := fmt.Sprintf("ordinaut approve '%s', or ordinaut reject '%s'", short, short)
		if got := run.Steps[len(run.Steps)-1].Wait; got == nil || got.Fix != want {
			t.Errorf("got %+v, want the fix %q", got, want)
		}
		if ended := decide(t, w, "each", `"decision": "approved"`); ended.Status != ordinaut.RunSucceeded {
			t.Errorf("got %s", ended.Status)
		}
		ordinauttest.Pass(8 * 24 * time.Hour)
		if got := read[page[shownRun]](t, w.Do("run.list", `{"task_id": "first"}`)); got.Items[0].Status != "succeeded" {
			t.Errorf("got %s after the deadline, want that the default went on", got.Items[0].Status)
		}
	})
}
