package telemetry_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/telemetry"
)

var update = flag.Bool("update", false, "rewrite docs/reference/metrics.md")

var noon = time.Date(2027, 1, 4, 12, 0, 0, 0, time.UTC)

// backlog is a queue in which something waits in every state.
func backlog(context.Context) (ordinaut.Backlog, error) {
	oldest := noon.Add(-90 * time.Second)
	return ordinaut.Backlog{Now: noon, Due: 4, Later: 3, Parked: 2, Waiting: 5, Running: 1, Oldest: &oldest}, nil
}

// lived is metrics to which everything has happened once.
func lived() *telemetry.Metrics {
	m := telemetry.NewMetrics("1.2.3", backlog)
	run := ordinaut.Run{ScheduledFor: noon, ClaimedAt: &noon, StartedAt: &noon}
	late := noon.Add(2 * time.Second)
	m.RunClaimed(ordinaut.Claimed{Run: ordinaut.Run{ScheduledFor: noon, ClaimedAt: &late, StartedAt: &late}})
	m.RunClaimed(ordinaut.Claimed{Run: ordinaut.Run{ScheduledFor: noon, ClaimedAt: &late, StartedAt: &noon}})
	m.RunSettled(run, ordinaut.Outcome{Status: ordinaut.RunSucceeded}, noon.Add(3*time.Second))
	m.RunSettled(run, ordinaut.Outcome{Status: ordinaut.RunQueued, Failed: true}, noon)
	m.RunSettled(run, ordinaut.Outcome{Status: ordinaut.RunQueued}, noon)
	m.RunSettled(run, ordinaut.Outcome{Status: ordinaut.RunQueued, Failed: true, Ending: &ordinaut.Ending{}}, noon)
	m.RunClaimed(ordinaut.Claimed{Run: ordinaut.Run{ScheduledFor: noon, ClaimedAt: &late, StartedAt: &noon, Crashes: 1}})
	m.StepEnded(ordinaut.StepFailed, time.Second)
	approval := ordinaut.StepResult{Status: ordinaut.StepWaiting, StartedAt: noon, Wait: &ordinaut.Wait{Kind: ordinaut.WaitApproval}}
	m.StepWaited(approval)
	approval.Status, approval.FinishedAt = ordinaut.StepSucceeded, &late
	m.StepWaited(approval)
	m.StepWaited(ordinaut.StepResult{Status: ordinaut.StepSucceeded, StartedAt: noon, FinishedAt: &noon, Wait: &ordinaut.Wait{Kind: ordinaut.WaitSleep}})
	m.StepWaited(ordinaut.StepResult{Status: ordinaut.StepSucceeded})
	m.Answered("/v1/tasks/{task}", "GET", 200, time.Millisecond)
	m.Answered("", "BREW", 404, time.Millisecond)
	return m
}

// told is what the metrics of our own tell, by name and labels.
func told(t *testing.T, m *telemetry.Metrics) map[string]float64 {
	t.Helper()
	families, err := m.Gatherer().Gather()
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]float64{}
	for _, f := range families {
		if !strings.HasPrefix(f.GetName(), "ordinaut_") {
			continue
		}
		for _, one := range f.GetMetric() {
			name := strings.TrimPrefix(f.GetName(), "ordinaut_")
			for _, l := range one.GetLabel() {
				name += " " + l.GetValue()
			}
			switch {
			case one.Histogram != nil:
				values[name+" count"] = float64(one.GetHistogram().GetSampleCount())
				values[name+" sum"] = one.GetHistogram().GetSampleSum()
			default:
				values[name] = one.GetCounter().GetValue() + one.GetGauge().GetValue()
			}
		}
	}
	return values
}

func TestWhatHappensIsCounted(t *testing.T) {
	t.Parallel()
	got := told(t, lived())
	for name := range got {
		if strings.HasPrefix(name, "build_info") {
			if !strings.HasSuffix(name, " 1.2.3") {
				t.Errorf("got %s, want the version", name)
			}
			delete(got, name)
		}
	}
	want := map[string]float64{
		"runs_total succeeded": 1, "runs_total failed": 0, "runs_total canceled": 0, "run_retries_total": 1, "run_crashes_total": 1,
		"waits_total begun approval": 1, "waits_total ended approval": 1,
		"run_lateness_seconds count": 1, "run_lateness_seconds sum": 2,
		"run_duration_seconds count": 1, "run_duration_seconds sum": 3,
		"step_duration_seconds failed count": 1, "step_duration_seconds failed sum": 1,
		"http_requests_total GET /v1/tasks/{task} 200": 1, "http_requests_total other other 404": 1,
		"http_request_duration_seconds /v1/tasks/{task} count": 1, "http_request_duration_seconds /v1/tasks/{task} sum": 0.001,
		"http_request_duration_seconds other count": 1, "http_request_duration_seconds other sum": 0.001,
		"queue_runs due": 4, "queue_runs later": 3, "queue_runs parked": 2, "queue_runs waiting": 5, "queue_runs running": 1, "queue_oldest_due_seconds": 90,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestNobodyIsCountedWithoutMetrics(t *testing.T) {
	t.Parallel()
	var m *telemetry.Metrics
	m.RunClaimed(ordinaut.Claimed{Run: ordinaut.Run{ClaimedAt: &noon, StartedAt: &noon}})
	m.RunSettled(ordinaut.Run{}, ordinaut.Outcome{Status: ordinaut.RunFailed}, noon)
	m.StepEnded(ordinaut.StepSucceeded, time.Second)
	m.Answered("/", "GET", 200, time.Second)
}

func TestABacklogThatCannotBeReadIsNotAnEmptyOne(t *testing.T) {
	t.Parallel()
	m := telemetry.NewMetrics("", func(context.Context) (ordinaut.Backlog, error) {
		return ordinaut.Backlog{}, errors.New("the disk is away")
	})
	families, err := m.Gatherer().Gather()
	if err == nil || !strings.Contains(err.Error(), "the disk is away") || len(families) == 0 {
		t.Errorf("got %d families and error %v, want the others and the error", len(families), err)
	}
	for _, f := range families {
		if strings.HasPrefix(f.GetName(), "ordinaut_queue") {
			t.Errorf("got %s", f)
		}
	}
}

// TestTheReferenceListsEveryMetric compares docs/reference/metrics.md with what
// is told, which also keeps to the conventions of Prometheus. It is rewritten
// with -update.
func TestTheReferenceListsEveryMetric(t *testing.T) {
	t.Parallel()
	const path = "../../docs/reference/metrics.md"
	families, err := lived().Gatherer().Gather()
	if err != nil {
		t.Fatal(err)
	}
	var want strings.Builder
	want.WriteString(`# Metrics

What ` + "`GET /metrics`" + ` tells Prometheus. It needs no token, and names no task, tool or
agent. Beside these there are the usual metrics of the Go runtime (` + "`go_…`" + `) and of
the process (` + "`process_…`" + `).

| metric | kind | labels | meaning |
|---|---|---|---|
`)
	for _, f := range families {
		if !strings.HasPrefix(f.GetName(), "ordinaut_") {
			continue
		}
		var labels []string
		for _, l := range f.GetMetric()[0].GetLabel() {
			labels = append(labels, "`"+l.GetName()+"`")
		}
		fmt.Fprintf(&want, "| `%s` | %s | %s | %s |\n", f.GetName(), strings.ToLower(f.GetType().String()), strings.Join(labels, " "), f.GetHelp())
	}
	problems, err := promlint.NewWithMetricFamilies(families).Lint()
	if err != nil || len(problems) > 0 {
		t.Errorf("the linter says %v, %v", problems, err)
	}
	if *update {
		if err := os.WriteFile(path, []byte(want.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want.String(), string(got)); diff != "" {
		t.Errorf("%s is out of date, run the test with -update (-want +got):\n%s", path, diff)
	}
}
