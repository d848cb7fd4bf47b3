package service_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/internal/op"
	"github.com/ordinaut/ordinaut/internal/service"
	"github.com/ordinaut/ordinaut/ordinauttest"
)

type shownEvent struct {
	SpecVersion, ID, Source, Type, Subject string
	Time                                   time.Time
	Seq                                    int64
	TaskID, RunID, AgentID                 string
	Data                                   json.RawMessage
	Consumer, Dead                         string
	Tries                                  int
}

type eventPage struct {
	Items       []shownEvent
	NextAfter   *int64 `json:"next_after"`
	NextUntil   *int64 `json:"next_until"`
	First, Last int64
}

type taken struct {
	Items []struct {
		ID, Source, Topic string
		Duplicate         bool
	}
}

// tell publishes an event of a topic with a number in it.
func tell(w *ordinauttest.World, topic string, n int) {
	w.Do("event.publish", fmt.Sprintf(`{"topic": %q, "data": {"n": %d}}`, topic, n))
}

// told is the topics of events with the numbers in them.
func told(events []shownEvent) (all []string) {
	for _, e := range events {
		var data struct{ N int }
		_ = json.Unmarshal(e.Data, &data) // one without a number is 0
		all = append(all, fmt.Sprintf("%s %d", e.Type, data.N))
	}
	return all
}

func TestAnEventIsPublishedOnceAndShown(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		const paid = `{"topic": "order.paid", "data": {"n": 1}, "id": "a", "source": "https://shop.example", "subject": "4711"}`
		for _, duplicate := range []bool{false, true} {
			got := read[taken](t, w.Do("event.publish", paid))
			if len(got.Items) != 1 || got.Items[0].ID != "a" || got.Items[0].Duplicate != duplicate {
				t.Errorf("got %+v, want that it counts once", got)
			}
		}
		several := read[taken](t, w.Do("event.publish", `{"events": [{"type": "order.sent", "data": {"n": 2}}, {"topic": "order.sent"}, {"topic": "order.paid", "id": "a", "source": "https://shop.example"}]}`))
		if len(several.Items) != 3 || several.Items[0].ID == several.Items[1].ID || several.Items[0].Source != "ordinaut/agents/admin" || !several.Items[2].Duplicate {
			t.Errorf("got %+v", several)
		}
		got := read[eventPage](t, w.Do("event.list", `{"topic": "order.*"}`))
		if diff := cmp.Diff([]string{"order.paid 1", "order.sent 2", "order.sent 0"}, told(got.Items)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		first := got.Items[0]
		one := read[shownEvent](t, w.Do("event.get", fmt.Sprintf(`{"event": "%d"}`, first.Seq)))
		want := shownEvent{
			SpecVersion: "1.0", ID: "a", Source: "https://shop.example", Type: "order.paid", Subject: "4711",
			Time: first.Time, Seq: first.Seq, AgentID: one.AgentID, Data: json.RawMessage(`{"n":1}`),
		}
		if diff := cmp.Diff(want, one); diff != "" || one.AgentID == "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		refused(t, w, "event.get", `{"event": "4711"}`, ordinaut.CodeEventNotFound)
		topics := read[struct {
			Items []struct {
				Topic  string
				Events int
			}
		}](t, w.Do("event.topics", `{}`))
		counts := map[string]int{}
		for _, topic := range topics.Items {
			counts[topic.Topic] = topic.Events
		}
		if diff := cmp.Diff(map[string]int{"order.paid": 1, "order.sent": 2}, counts); diff != "" {
			t.Errorf("got the topics %+v", topics)
		}
	})
}

func TestWhatIsWrongWithAnEventIsToldAtOnce(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		for request, want := range map[string][]string{
			`{}`:                                     {"field.required /topic"},
			`{"topic": "order..paid"}`:               {"event.invalid_topic /topic"},
			`{"topic": "task.created"}`:              {"event.reserved /topic"},
			`{"type": "run.me", "topic": "other"}`:   {"field.invalid_value /type"},
			`{"type": "worker.gone"}`:                {"event.reserved /type"},
			`{"topic": "a", "source": "ordinaut"}`:   {"event.reserved /source"},
			`{"topic": "a", "source": "ordinaut/x"}`: {"event.reserved /source"},
			`{"topic": "a", "events": [{"topic": "*"}, {}, {"topic": "ok"}]}`:                {"field.invalid_value /events", "event.invalid_topic /events/0/topic", "field.required /events/1/topic"},
			`{"topic": "a", "data": "` + strings.Repeat("x", limits.EventDataBytes-1) + `"}`: {"field.invalid_value /data"},
		} {
			_, err := w.Call("event.publish", request)
			var got []string
			if err != nil {
				for _, f := range ordinaut.AsError(err).All() {
					got = append(got, string(f.Code)+" "+f.At)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%.60s (-want +got):\n%s", request, diff)
			}
		}
		w.Do("event.publish", `{"topic": "a", "data": "`+strings.Repeat("x", limits.EventDataBytes-2)+`"}`)
	})
}

func TestEventsAreListedPageByPage(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		var want []string
		for n := range 5 {
			tell(w, "order.paid", n)
			tell(w, "other", n)
			want = append(want, fmt.Sprintf("order.paid %d", n))
		}
		var up, down []string
		for after := int64(0); ; {
			page := read[eventPage](t, w.Do("event.list", fmt.Sprintf(`{"topic": "order.>", "limit": 2, "after": %d}`, after)))
			up = append(up, told(page.Items)...)
			if page.NextAfter == nil {
				break
			}
			after = *page.NextAfter
		}
		for until := int64(1000); ; {
			page := read[eventPage](t, w.Do("event.list", fmt.Sprintf(`{"topic": "order.>", "limit": 2, "newest": true, "until": %d}`, until)))
			for _, e := range told(page.Items) {
				down = append([]string{e}, down...)
			}
			if page.NextUntil == nil {
				break
			}
			until = *page.NextUntil
		}
		if diff := cmp.Diff(want, up); diff != "" {
			t.Errorf("oldest first (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(want, down); diff != "" {
			t.Errorf("newest first (-want +got):\n%s", diff)
		}
		refused(t, w, "event.list", `{"topic": "a.,b..c"}`, ordinaut.CodeRequestInvalid)
		refused(t, w, "event.list", `{"task": "nobody"}`, ordinaut.CodeTaskNotFound)
	})
}

func TestARunTellsOfItsTask(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		id := w.Create(hello(`"schedule_kind": "manual", "schedule_expr": ""`))
		w.Do("task.run", `{"task": "say-hello", "wait_seconds": 5}`)
		got := read[eventPage](t, w.Do("event.list", `{"task": "say-hello"}`))
		var topics []string
		for _, e := range got.Items {
			topics = append(topics, e.Type)
			if e.Source != ordinaut.SourceOrdinaut || e.TaskID != string(id) {
				t.Errorf("got %+v, want an event of the house about the task", e)
			}
		}
		want := []string{"task.created", "task.run.queued", "task.run.started", "task.step.succeeded", "task.run.succeeded"}
		if diff := cmp.Diff(want, topics); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

// readEvents reads a stream until it has told so many things.
func readEvents(t *testing.T, events op.Events, most int) (told []string, last string) {
	t.Helper()
	enough := errors.New("enough")
	err := events.Each(t.Context(), func(e op.Event) error {
		if !e.IsPause() {
			last = e.ID
			text, _ := json.Marshal(e.Data) // what the server itself makes
			var shown shownEvent
			_ = json.Unmarshal(text, &shown)
			told = append(told, strings.TrimSpace(e.Name+" "+shown.Type+" "+string(shown.Data)))
		}
		if len(told) == most {
			return enough
		}
		return nil
	})
	if !errors.Is(err, enough) {
		t.Errorf("the stream ended with %v", err)
	}
	return told, last
}

func TestEventsAreToldWhileTheyHappen(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		s := service.New(service.Options{Store: w.Store})
		stream := func(r service.StreamEvents) op.Events { return must(s.StreamEvents(t.Context(), r))(t) }
		tell(w, "order.paid", 0)
		events := stream(service.StreamEvents{Topics: "order.*, shipment.>"})
		go func() {
			for n := range 3 {
				<-time.After(time.Second)
				tell(w, "order.paid", n+1)
				tell(w, "other", n+1)
			}
			tell(w, "shipment.sent.late", 9)
		}()
		start := time.Now()
		want := []string{`open`, `event order.paid {"n":1}`, `event order.paid {"n":2}`, `event order.paid {"n":3}`, `event shipment.sent.late {"n":9}`}
		got, _ := readEvents(t, events, len(want))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if took := time.Since(start); took > 4*time.Second {
			t.Errorf("the last event was told after %v, want at once", took)
		}
		for cut := 1; cut < len(want); cut++ {
			after := int64(0)
			whole := stream(service.StreamEvents{Topics: "order.*,shipment.>", After: &after})
			before, last := readEvents(t, whole, cut+1)
			if _, err := fmt.Sscan(last, &after); err != nil {
				t.Fatal(err)
			}
			if cut+1 == len(want)+1 {
				continue
			}
			rest, _ := readEvents(t, stream(service.StreamEvents{Topics: "order.*,shipment.>", After: &after}), len(want)+1-cut)
			all := append(before[2:], rest[1:]...)
			if diff := cmp.Diff(want[1:], all); diff != "" {
				t.Errorf("resumed after %d (-want +got):\n%s", cut, diff)
			}
		}
		if _, err := s.StreamEvents(t.Context(), service.StreamEvents{Topics: "a..b"}); err == nil || ordinaut.AsError(err).At != "/topics" {
			t.Errorf("got %v, want a fault of topics", err)
		}
	})
}

func TestAReaderIsToldOfAGap(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		s := service.New(service.Options{Store: w.Store})
		for n := range 3 {
			tell(w, "order.paid", n)
		}
		ordinauttest.Pass(48 * time.Hour)
		keep := ordinaut.Keep{Runs: limits.KeepRuns, Steps: limits.KeepSteps, Ledger: limits.KeepLedger, Events: 24 * time.Hour}
		if _, err := w.Store.Prune(t.Context(), keep, 1000); err != nil {
			t.Fatal(err)
		}
		tell(w, "order.paid", 3)
		after := int64(1)
		got, _ := readEvents(t, must(s.StreamEvents(t.Context(), service.StreamEvents{After: &after}))(t), 3)
		if diff := cmp.Diff([]string{"open", "gap", `event order.paid {"n":3}`}, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func TestAStepPublishesItsEventOnce(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		id := w.Create(hello(`"schedule_kind": "manual", "schedule_expr": ""`))
		run := read[shownRun](t, w.Do("task.run", `{"task": "say-hello", "wait_seconds": 5}`))
		s := service.New(service.Options{Store: w.Store})
		agent, err := w.Store.Task(t.Context(), ordinaut.TaskRef{ID: id})
		if err != nil {
			t.Fatal(err)
		}
		ctx := ordinaut.WithAgent(t.Context(), ordinaut.Agent{ID: agent.CreatedBy, Name: "admin", Scopes: []ordinaut.Scope{ordinaut.ScopeAdmin}})
		ctx = ordinaut.WithChange(ctx, ordinaut.Change{Actor: agent.CreatedBy, Action: "event.publish"})
		publish := func(ctx context.Context, step string) service.PublishedEvent {
			ctx = ordinaut.WithOrigin(ctx, ordinaut.Origin{RunID: ordinaut.RunID(run.ID), Step: step})
			got, err := s.PublishEvents(ctx, service.PublishEvent{EventDraft: service.EventDraft{Topic: "order.seen"}})
			if err != nil {
				t.Fatal(err)
			}
			return got.Items[0]
		}
		if first, again, other := publish(ctx, "a"), publish(ctx, "a"), publish(ctx, "b"); first.Duplicate || !again.Duplicate || other.Duplicate || first.ID == other.ID {
			t.Errorf("got %+v, %+v, %+v, want one event of each step", first, again, other)
		}
		got := read[eventPage](t, w.Do("event.list", `{"topic": "order.seen"}`))
		if len(got.Items) != 2 || got.Items[0].Source != "ordinaut/tasks/"+string(id) || got.Items[0].RunID != run.ID || got.Items[0].TaskID != string(id) {
			t.Errorf("got %+v, want events of the run", got.Items)
		}
	})
}
