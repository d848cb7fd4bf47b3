package service_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/service"
	"github.com/ordinaut/ordinaut/ordinauttest"
)

// TestADoubtIsDecidedLikeAnApproval asks what became of a call that did not
// answer the first time.
func TestADoubtIsDecidedLikeAnApproval(t *testing.T) {
	t.Parallel()
	for fields, want := range map[string]struct {
		status ordinaut.RunStatus
		output string
	}{
		`"decision": "retry"`:                           {ordinaut.RunSucceeded, `{"sent":2}`},
		`"decision": "done", "result": {"sent": 1}`:     {ordinaut.RunSucceeded, `{"sent":1}`},
		`"decision": "fail", "comment": "it is broken"`: {ordinaut.RunFailed, `null`},
	} {
		t.Run(fields, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				script := (&ordinauttest.Script{}).On("send", func(ctx context.Context, n int, _ json.RawMessage) (any, error) {
					if n == 1 {
						<-ctx.Done()
						return nil, ctx.Err()
					}
					return map[string]int{"sent": n}, nil
				})
				w := ordinauttest.Start(t, ordinauttest.Options{Script: script})
				w.Create(hello(`"schedule_kind": "manual", "schedule_expr": "", "key": "pay", "payload": {"pipeline": [
					{"id": "send", "uses": "script.send", "with": {"sum": 12}, "timeout_seconds": 1, "on_doubt": "ask"}]}`))
				run := started(t, w, "pay")
				ordinauttest.Pass(10 * time.Second)
				got := approval(t, w, "pay")
				if got.Kind != ordinaut.WaitDoubt || got.Message != "The call of script.send was cut off. Was it carried out?" || got.Default != service.Fail {
					t.Errorf("got %s: %q, by default %s", got.Kind, got.Message, got.Default)
				}
				call := []service.PlannedCall{{Step: "send", Tool: "script.send", With: json.RawMessage(`{"sum":12}`)}}
				if diff := cmp.Diff(call, got.Then); diff != "" {
					t.Errorf("the call (-want +got):\n%s", diff)
				}
				e := refused(t, w, "approval.decide", fmt.Sprintf(`{"approval": %q, "decision": "approved"}`, run.ID), ordinaut.CodeFieldValue)
				if e.Message != "approved cannot be said of a call that was cut off" || e.Fix != "say retry, done or fail" {
					t.Errorf("got %q, %q", e.Message, e.Fix)
				}
				refused(t, w, "approval.decide", fmt.Sprintf(`{"approval": %q, "decision": "retry", "to": "send", "result": 1}`, run.ID), ordinaut.CodeRequestInvalid)
				ended := decide(t, w, "pay", fields)
				if ended.Status != want.status || string(ended.Output) != want.output {
					t.Errorf("got %s with %s, want %s with %s", ended.Status, ended.Output, want.status, want.output)
				}
				refused(t, w, "approval.decide", fmt.Sprintf(`{"approval": "%s:send", "decision": "retry"}`, run.ID), ordinaut.CodeApprovalNotFound)
			})
		})
	}
}
