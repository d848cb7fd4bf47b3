package mcp

import (
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/service"
)

// TestWeekdayMorningBriefing sends the example that the project before Ordinaut
// is known for, as it was written, to the path that it was written for.
func TestWeekdayMorningBriefing(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	if err := os.CopyFS(folder, os.DirFS("testdata/desk")); err != nil {
		t.Fatal(err)
	}
	servers := map[string]any{}
	for _, name := range []string{"google-calendar-mcp", "weather-mcp", "imap-mcp", "llm", "telegram-mcp"} {
		servers[name] = desk(t, name, folder)
	}
	o := start(t, servers)
	var created service.Task
	o.Ask(t, http.MethodPost, "/tasks", readFile(t, "../../examples/briefing.json"), &created)
	var done struct {
		Details struct {
			Run ordinaut.RunID `json:"due_work_id"`
		}
	}
	o.Ask(t, http.MethodPost, "/tasks/"+string(created.ID)+"/run_now", nil, &done)
	run := succeed(t, o.Wait(t, done.Details.Run))

	order := []string{}
	for _, s := range run.Steps {
		order = append(order, s.Tool)
	}
	want := []string{"google-calendar-mcp.list_events", "weather-mcp.forecast", "imap-mcp.top_unread", "llm.plan", "telegram-mcp.send_message"}
	if diff := cmp.Diff(want, order); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
	b := briefing{t, folder, run}
	b.checkWindow()
	b.checkMaterial()
	b.checkMessage()
}

// briefing is the run of the example with what its servers wrote down.
type briefing struct {
	t      *testing.T
	folder string
	run    service.Run
}

// received reads the arguments of the only call that a server received.
func (b briefing) received(server string, into any) {
	b.t.Helper()
	all := calls(b.t, b.folder, server)
	if len(all) != 1 || !strings.HasPrefix(all[0].key(), string(b.run.ID)+"/") {
		b.t.Fatalf("%s received %+v, want one call of run %s", server, all, b.run.ID)
	}
	if err := json.Unmarshal(all[0].Arguments, into); err != nil {
		b.t.Fatal(err)
	}
}

// checkWindow wants the calendar to have been asked for 24 hours, from the start
// of the run on, in RFC 3339 and the zone of the task.
func (b briefing) checkWindow() {
	b.t.Helper()
	var got struct{ Start, End string }
	b.received("google-calendar-mcp", &got)
	zone, err := time.LoadLocation("Europe/Chisinau")
	if err != nil {
		b.t.Fatal(err)
	}
	start := b.run.StartedAt.Truncate(time.Second).In(zone)
	if want := start.Format(time.RFC3339); got.Start != want {
		b.t.Errorf("start is %s, want %s", got.Start, want)
	}
	if want := start.Add(24 * time.Hour).Format(time.RFC3339); got.End != want {
		b.t.Errorf("end is %s, want %s", got.End, want)
	}
}

// checkMaterial wants the plan to be made of objects: what the steps before gave.
func (b briefing) checkMaterial() {
	b.t.Helper()
	got := map[string]any{}
	b.received("llm", &got)
	want := map[string]any{"instruction": "Create morning briefing"}
	for i, name := range []string{"calendar", "weather", "emails"} {
		var output map[string]any
		if err := json.Unmarshal(b.run.Steps[i].Output, &output); err != nil {
			b.t.Fatalf("%s: %v", name, err)
		}
		want[name] = output
	}
	if diff := cmp.Diff(want, got); diff != "" {
		b.t.Errorf("arguments of llm.plan (-want +got):\n%s", diff)
	}
	if events := want["calendar"].(map[string]any)["events"].([]any); len(events) != 3 {
		b.t.Errorf("got %d events, want the 3 of the day: %v", len(events), events)
	}
}

// checkMessage wants the plan to have been sent.
func (b briefing) checkMessage() {
	b.t.Helper()
	type message struct {
		ChatID int64 `json:"chat_id"`
		Text   string
	}
	var plan struct{ Text string }
	if err := json.Unmarshal(b.run.Steps[3].Output, &plan); err != nil {
		b.t.Fatal(err)
	}
	for _, line := range []string{"Create morning briefing", "Chisinau: Light cloud, 14°C", "10:30 Lunch with Ion", "6 unread", "- maria@example.com: Figures for today"} {
		if !strings.Contains(plan.Text, line+"\n") {
			b.t.Errorf("the plan is %q, want the line %q", plan.Text, line)
		}
	}
	want := message{12345, plan.Text}
	var got message
	b.received("telegram-mcp", &got)
	if diff := cmp.Diff(want, got); diff != "" {
		b.t.Errorf("arguments of send_message (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]message{want}, readLines[message](b.t, b.folder+"/sent.jsonl")); diff != "" {
		b.t.Errorf("sent (-want +got):\n%s", diff)
	}
}
