package ordinaut_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ordinaut/ordinaut"
)

func TestAChangeOfATaskOrAnApprovalIsAnEvent(t *testing.T) {
	t.Parallel()
	for action, want := range map[string]string{
		"task.create": "task.created", "task.update": "task.updated", "task.rollback": "task.updated", "legacy.update": "task.updated",
		"task.pause": "task.paused", "legacy.pause": "task.paused", "task.resume": "task.resumed", "legacy.resume": "task.resumed",
		"task.snooze": "task.snoozed", "legacy.snooze": "task.snoozed", "task.unsnooze": "task.unsnoozed",
		"task.cancel": "task.canceled", "legacy.cancel": "task.canceled",
		"approval.decide": "approval.decided", "legacy.approve": "approval.decided",
		"task.run": "", "run.cancel": "", "event.publish": "", "": "",
	} {
		if got := (ordinaut.Change{Action: action}).Topic(); got != want {
			t.Errorf("%q: got topic %q, want %q", action, got, want)
		}
	}
}

func TestTheEventOfAChangeNamesWhatWasChanged(t *testing.T) {
	t.Parallel()
	pause := ordinaut.Change{Actor: "a", Action: "task.pause", Subject: "t", Detail: []byte(`{}`)}
	want := ordinaut.Event{Topic: "task.paused", Subject: "t", Data: []byte(`{}`), Actor: "a", TaskID: "t"}
	if diff := cmp.Diff(want, pause.Event()); diff != "" {
		t.Errorf("event of a task (-want +got):\n%s", diff)
	}
	decide := ordinaut.Change{Actor: "a", Action: "approval.decide", Subject: "r"}
	want = ordinaut.Event{Topic: "approval.decided", Subject: "r", Actor: "a", RunID: "r"}
	if diff := cmp.Diff(want, decide.Event()); diff != "" {
		t.Errorf("event of a decision (-want +got):\n%s", diff)
	}
}
