package service_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ordinaut/ordinaut/ordinauttest"
)

const waitingSteps = `{"pipeline": [
	{"id": "pause", "uses": "system.sleep", "with": {"seconds": 60}},
	{"id": "ask", "uses": "orchestrator.request_approval", "with": {"message": "Send?", "timeout_hours": 1}},
	{"id": "send", "uses": "debug.log", "with": {"message": "sent"}, "undo": {"uses": "debug.log", "with": {"message": "taken back"}}}]}`

func TestACheckTellsWhatWaitsAndWhatIsUndone(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		got := read[struct {
			Valid bool
			Steps []struct{ ID, Waits, Undo string }
		}](t, w.Do("pipeline.check", `{"payload": `+waitingSteps+`}`))
		type step = struct{ ID, Waits, Undo string }
		if diff := cmp.Diff([]step{{"pause", "sleep", ""}, {"ask", "approval", ""}, {"send", "", "debug.log"}}, got.Steps); diff != "" || !got.Valid {
			t.Errorf("valid=%v (-want +got):\n%s", got.Valid, diff)
		}
	})
}

func TestARenderingShowsWaits(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		type step = struct {
			Outcome, Until string
			Then           json.RawMessage
		}
		got := read[struct{ Steps []step }](t, w.Do("pipeline.render", `{"payload": `+waitingSteps+`, "now": "2026-01-05T08:00:00Z"}`))
		want := []step{
			{"waits", "2026-01-05T08:01:00Z", nil},
			{"waits", "2026-01-05T09:00:00Z", json.RawMessage(`[{"step":"send","tool":"debug.log","with":{"message":"sent"}}]`)},
			{"called", "", nil},
		}
		if diff := cmp.Diff(want, got.Steps); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func TestAZoneOfQuietHoursIsCheckedBeforeTheyCome(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		for zone, want := range map[string][]string{"Europe/Chisinow": {"schedule.unknown_timezone /payload/pipeline/0/with/timezone"}, "Europe/Chisinau": nil, "${params.zone}": nil} {
			got := read[shownCheck](t, w.Do("pipeline.check", `{"payload": {"pipeline": [{"uses": "policy.quiet_hours_gate", "with": {"from": "22:00", "to": "7:00", "timezone": "`+zone+`"}}]}}`))
			if diff := cmp.Diff(want, got.places()); diff != "" {
				t.Errorf("%s (-want +got):\n%s", zone, diff)
			}
		}
	})
}
