package ordinaut_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ordinaut/ordinaut"
)

func TestDefinitionSurvivesItsJSON(t *testing.T) {
	t.Parallel()
	start := time.Date(2027, 3, 28, 2, 30, 0, 0, time.UTC)
	d := ordinaut.NewDefinition()
	d.Title, d.ScheduleKind, d.StartsAt = "Tick", ordinaut.ScheduleCron, &start
	d.Payload = json.RawMessage(`{"pipeline":[]}`)
	text, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	var got ordinaut.Definition
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(d, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestOverlapDefaultsToTheKind(t *testing.T) {
	t.Parallel()
	for kind, want := range map[ordinaut.ScheduleKind]ordinaut.OverlapPolicy{
		ordinaut.ScheduleCron:   ordinaut.OverlapSkip,
		ordinaut.ScheduleManual: ordinaut.OverlapAllow,
	} {
		d := ordinaut.Definition{ScheduleKind: kind}
		if got := d.OverlapPolicy(); got != want {
			t.Errorf("%s: got %s, want %s", kind, got, want)
		}
		d.Overlap = ordinaut.OverlapAllow
		if got := d.OverlapPolicy(); got != ordinaut.OverlapAllow {
			t.Errorf("%s: a policy that was sent became %s", kind, got)
		}
	}
}

func TestRunKnowsWhetherItEnded(t *testing.T) {
	t.Parallel()
	if got := (ordinaut.Run{Status: ordinaut.RunRunning}).Success(); got != nil {
		t.Errorf("a running run has success %v, want none", *got)
	}
	for status, want := range map[ordinaut.RunStatus]bool{
		ordinaut.RunSucceeded: true, ordinaut.RunFailed: false, ordinaut.RunCanceled: false,
	} {
		if got := (ordinaut.Run{Status: status}).Success(); got == nil || *got != want {
			t.Errorf("%s: success is %v, want %v", status, got, want)
		}
	}
	for status, want := range map[ordinaut.RunStatus]int{
		ordinaut.RunRunning: 3, ordinaut.RunSucceeded: 3, ordinaut.RunFailed: 2,
	} {
		if got := (ordinaut.Run{Status: status, Failures: 2}).Attempt(); got != want {
			t.Errorf("%s after two failures: attempt %d, want %d", status, got, want)
		}
	}
}

func TestTheCallerTravelsInTheContext(t *testing.T) {
	t.Parallel()
	if _, known := ordinaut.AgentFrom(context.Background()); known {
		t.Error("an empty context has a caller")
	}
	reader := ordinaut.Agent{Name: "reader", Scopes: []ordinaut.Scope{ordinaut.ScopeRunsRead}}
	got, known := ordinaut.AgentFrom(ordinaut.WithAgent(context.Background(), reader))
	if !known || got.Name != "reader" {
		t.Errorf("got %v, %v", got, known)
	}
	if !got.May(ordinaut.ScopeRunsRead) || !got.May(ordinaut.ScopeNone) || got.May(ordinaut.ScopeTasksWrite) {
		t.Error("an agent may do what its scopes say and nothing more")
	}
	if admin := (ordinaut.Agent{Scopes: []ordinaut.Scope{ordinaut.ScopeAdmin}}); !admin.May(ordinaut.ScopeTasksWrite) {
		t.Error("an admin may do everything")
	}
	change := ordinaut.Change{Actor: "a", Action: "task.create"}
	if got := ordinaut.ChangeFrom(ordinaut.WithChange(context.Background(), change)).About("t"); got.Subject != "t" || got.Action != "task.create" {
		t.Errorf("the change became %+v", got)
	}
}

func TestOnlyPassingFailuresAreRetried(t *testing.T) {
	t.Parallel()
	for class, want := range map[ordinaut.Class]bool{
		ordinaut.ClassTimeout: true, ordinaut.ClassUnavailable: true, ordinaut.ClassToolError: true, ordinaut.ClassInternal: true,
		ordinaut.ClassInvalidInput: false, ordinaut.ClassInvalidOutput: false, ordinaut.ClassCanceled: false,
	} {
		if got := class.Retryable(); got != want {
			t.Errorf("%s: retryable is %v, want %v", class, got, want)
		}
	}
}
