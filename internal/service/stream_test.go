package service_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/internal/op"
	"github.com/ordinaut/ordinaut/internal/service"
	"github.com/ordinaut/ordinaut/ordinauttest"
)

// restless is a task whose run says something, sleeps, and fails once more than
// it may.
const restless = `{"title": "Restless", "key": "restless", "schedule_kind": "manual", "timezone": "UTC",
	"max_retries": 1, "backoff_strategy": "fixed", "backoff_base_seconds": 60,
	"payload": {"pipeline": [
		{"id": "say", "uses": "debug.log", "with": {"message": "good night"}},
		{"id": "nap", "uses": "system.sleep", "with": {"seconds": 600}},
		{"id": "rise", "uses": "flow.fail", "with": {"message": "too early", "class": "unavailable"}}]}}`

// watched is a store that counts how often logs are looked at.
type watched struct {
	ordinaut.Store
	looks atomic.Int64
}

func (w *watched) ListLog(ctx context.Context, f ordinaut.LogFilter) ([]ordinaut.LogLine, error) {
	w.looks.Add(1)
	return w.Store.ListLog(ctx, f)
}

// tellAll are the events of a stream, a line each, until there are so many.
func tellAll(t *testing.T, events op.Events, most int) (told []string, last string) {
	t.Helper()
	enough := errors.New("enough")
	err := events.Each(t.Context(), func(e op.Event) error {
		switch {
		case len(told) == most:
			return enough
		case e.IsPause():
			return nil
		}
		last = e.ID
		switch data := e.Data.(type) {
		case service.LogLine:
			told = append(told, strings.TrimSpace(e.Name+": "+data.Step+" "+data.Text))
		case service.RunEnd:
			told = append(told, e.Name+": "+string(data.Status))
		default:
			told = append(told, e.Name)
		}
		return nil
	})
	if err != nil && !errors.Is(err, enough) {
		t.Errorf("the stream ended with %v", err)
	}
	return told, last
}

func must[T any](v T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func TestARunIsToldWhileItHappens(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		store := &watched{Store: w.Store}
		s := service.New(service.Options{Store: store})
		w.Do("task.create", restless)
		run := read[shownRun](t, w.Do("task.run", `{"task": "restless"}`))
		start := time.Now()
		told, _ := tellAll(t, must(s.StreamRun(t.Context(), service.StreamRun{Run: run.ID}))(t), 100)
		want := []string{
			"run:  queued", "run:  started", "step: say started", "log: say INFO good night", "step: say succeeded",
			"step: nap waits for its time until 2000-01-01T00:10:00Z", "run:  waits until 2000-01-01T00:10:00Z",
			"run:  queued", "run:  started", "step: nap succeeded", "step: rise failed: too early",
			"run:  failed: too early; tried again at 2000-01-01T00:11:00Z", "run:  started, attempt 2",
			"step: rise failed: too early", "run:  failed: too early", "end: failed",
		}
		if diff := cmp.Diff(want, told); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if took := time.Since(start); took < 11*time.Minute || took > 11*time.Minute+time.Second {
			t.Errorf("the run was told of for %v, want until its end", took)
		}
		idle := int64(11 * time.Minute / limits.StreamLook)
		if got := store.looks.Load(); got > idle+100 {
			t.Errorf("looked %d times, want little more than %d times", got, idle)
		}
		for cut := range want {
			before, last := tellAll(t, must(s.StreamRun(t.Context(), service.StreamRun{Run: run.ID}))(t), cut)
			after := int64(0)
			_, _ = fmt.Sscan(last, &after) // before the first event it is the beginning
			rest, _ := tellAll(t, must(s.StreamRun(t.Context(), service.StreamRun{Run: run.ID, After: after}))(t), 100)
			if diff := cmp.Diff(want, append(before, rest...)); diff != "" {
				t.Errorf("resumed after %d events (-want +got):\n%s", cut, diff)
			}
		}
		step, _ := tellAll(t, must(s.StreamRun(t.Context(), service.StreamRun{Run: run.ID, Step: "say"}))(t), 100)
		if diff := cmp.Diff([]string{want[2], want[3], want[4], want[15]}, step); diff != "" {
			t.Errorf("of one step (-want +got):\n%s", diff)
		}
	})
}

func TestTheRunsOfATaskAreToldFromNowOn(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		s := service.New(service.Options{Store: w.Store})
		ids := map[string]string{}
		for _, key := range []string{"mine", "other"} {
			ids[key] = string(w.Create(hello(fmt.Sprintf(`"key": %q, "schedule_kind": "manual", "schedule_expr": ""`, key))))
			w.Do("task.run", fmt.Sprintf(`{"task": %q, "wait_seconds": 5}`, key))
		}
		events := must(s.StreamRuns(t.Context(), service.StreamRuns{Task: ids["mine"]}))(t)
		for _, key := range []string{"other", "mine"} {
			w.Do("task.run", fmt.Sprintf(`{"task": %q, "wait_seconds": 5}`, key))
		}
		want := []string{"open", "run:  queued", "run:  started", "step: say succeeded", "run:  succeeded"}
		told, last := tellAll(t, events, 2)
		after := int64(0)
		if _, err := fmt.Sscan(last, &after); err != nil {
			t.Fatal(err)
		}
		rest, _ := tellAll(t, must(s.StreamRuns(t.Context(), service.StreamRuns{Task: ids["mine"], After: &after}))(t), 4)
		if diff := cmp.Diff(want, append(told, rest[1:]...)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		_, err := s.StreamRuns(t.Context(), service.StreamRuns{Task: "nobody"})
		if !errors.Is(err, &ordinaut.Error{Code: ordinaut.CodeTaskNotFound}) {
			t.Errorf("got %v", err)
		}
		_, err = s.StreamRun(t.Context(), service.StreamRun{Run: "nobody"})
		if !errors.Is(err, &ordinaut.Error{Code: ordinaut.CodeRunNotFound}) {
			t.Errorf("got %v", err)
		}
	})
}

func TestAReaderWhoLeavesLeavesNothingBehind(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		s := service.New(service.Options{Store: w.Store})
		ctx, leave := context.WithCancel(t.Context())
		ended := make(chan error)
		events := must(s.StreamRuns(ctx, service.StreamRuns{}))(t)
		go func() { ended <- events.Each(ctx, func(op.Event) error { return nil }) }()
		ordinauttest.Pass(time.Minute)
		leave()
		synctest.Wait()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
}

func TestALogIsReadPageByPage(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		w.Do("task.create", restless)
		run := read[shownRun](t, w.Do("task.run", `{"task": "restless"}`))
		ordinauttest.Pass(time.Hour)
		type logPage struct {
			Items     []struct{ Kind, Step, Text string }
			NextAfter *int64 `json:"next_after"`
		}
		whole := read[logPage](t, w.Do("run.log", fmt.Sprintf(`{"run": %q}`, run.ID)))
		var paged logPage
		for after := new(int64); after != nil; after = paged.NextAfter {
			next := read[logPage](t, w.Do("run.log", fmt.Sprintf(`{"run": %q, "limit": 4, "after": %d}`, run.ID, *after)))
			paged.Items, paged.NextAfter = append(paged.Items, next.Items...), next.NextAfter
		}
		if diff := cmp.Diff(whole, paged); diff != "" || len(whole.Items) != 15 {
			t.Errorf("%d lines; by pages (-whole +paged):\n%s", len(whole.Items), diff)
		}
		late := read[logPage](t, w.Do("run.log", fmt.Sprintf(`{"run": %q, "since": "2000-01-01T00:11:00Z", "step": "rise"}`, run.ID)))
		if len(late.Items) != 1 || late.Items[0].Text != "failed: too early" {
			t.Errorf("got %+v, want the last failure of one step", late.Items)
		}
		refused(t, w, "run.log", `{"run": "nobody"}`, ordinaut.CodeRunNotFound)
	})
}

func TestALargeResultIsKeptAsAnArtifact(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		large := strings.Repeat("ș", limits.StepOutputBytes)
		script := new(ordinauttest.Script).On("fetch", func(context.Context, int, json.RawMessage) (any, error) {
			return map[string]string{"body": large}, nil
		})
		w := ordinauttest.Start(t, ordinauttest.Options{Script: script})
		w.Do("task.create", `{"title": "Fetch", "key": "fetch", "schedule_kind": "manual", "payload": {"pipeline": [
			{"id": "all", "uses": "script.fetch"},
			{"id": "size", "uses": "debug.echo", "with": {"bytes": "${steps.all.artifact.bytes}", "head": "${steps.all.artifact.preview}"}}]}}`)
		got := read[struct {
			ID, Status string
			Output     struct {
				Bytes int
				Head  string
			}
			Artifacts []service.Artifact
		}](t, w.Do("task.run", `{"task": "fetch", "wait_seconds": 60}`))
		if got.Status != "succeeded" || len(got.Artifacts) != 1 || got.Artifacts[0].Bytes != int64(got.Output.Bytes) || got.Artifacts[0].Step != "all" {
			t.Fatalf("got %+v", got)
		}
		want := `{"body":"` + large + `"}`
		if got.Output.Bytes != len(want) || !strings.HasPrefix(want, got.Output.Head) || len(got.Output.Head) < limits.ArtifactPreview-4 {
			t.Errorf("the step sees %d bytes, %q", got.Output.Bytes, got.Output.Head)
		}
		s := service.New(service.Options{Store: w.Store})
		content := must(s.GetArtifact(t.Context(), service.ArtifactName{Artifact: string(got.Artifacts[0].ID)}))(t)
		var back bytes.Buffer
		if err := content.Write(t.Context(), &back); err != nil || back.String() != want || content.Tag() != got.Artifacts[0].SHA256 {
			t.Errorf("got %d bytes, %v; want %d", back.Len(), err, len(want))
		}
		_, err := s.GetArtifact(t.Context(), service.ArtifactName{Artifact: "nobody"})
		if !errors.Is(err, &ordinaut.Error{Code: ordinaut.CodeArtifactNotFound}) {
			t.Errorf("got %v", err)
		}
	})
}
