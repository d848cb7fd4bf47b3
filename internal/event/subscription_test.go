package event_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/event"
)

func paid() ordinaut.Event {
	return ordinaut.Event{
		Seq: 7, ID: "o-1", Source: "shop", Topic: "order.paid", Subject: "4711", At: time.Date(2027, 1, 4, 8, 0, 0, 0, time.UTC),
		Data: json.RawMessage(`{"total": 99.50, "who": "<Ada>"}`), RunID: "r", TaskID: "t", Actor: "a", Depth: 1,
	}
}

func TestAnEventIsSentAsACloudEvent(t *testing.T) {
	t.Parallel()
	want := `{"specversion":"1.0","id":"o-1","source":"shop","type":"order.paid","subject":"4711","time":"2027-01-04T08:00:00Z","seq":7,` +
		`"taskid":"t","runid":"r","agentid":"a","depth":1,"data":{"total":99.50,"who":"<Ada>"}}`
	if got, err := event.Cloud(paid()); string(got) != want || err != nil {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
	ping := ordinaut.Event{Seq: -5, ID: "p", Source: "ordinaut", Topic: "webhook.ping"}
	want = `{"specversion":"1.0","id":"p","source":"ordinaut","type":"webhook.ping","time":"0001-01-01T00:00:00Z"}`
	if got, err := event.Cloud(ping); string(got) != want || err != nil {
		t.Errorf("in no log: got %s, %v, want %s", got, err, want)
	}
}

func TestOnlyTheHouseTellsOfItself(t *testing.T) {
	t.Parallel()
	for topic, want := range map[string]bool{"task.created": true, "task": true, "hook.github": true, "tasks.created": false, "order.task": false, "": false} {
		if got := event.Reserved(topic); got != want {
			t.Errorf("%q: got reserved %v, want %v", topic, got, want)
		}
	}
}

func TestAWebhookWantsWhatItsTopicsAndItsFilterFit(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		topics []string
		filter string
		want   bool
		fails  bool
	}{
		"any topic":                      {topics: []string{">"}, want: true},
		"one of the topics":              {topics: []string{"stock.*", "order.*"}, want: true},
		"another topic":                  {topics: []string{"stock.*", "order"}},
		"a filter that holds":            {topics: []string{"order.*"}, filter: "data.total > 90 && subject == '4711'", want: true},
		"a filter in the words of tasks": {topics: []string{"order.*"}, filter: "event.data.who == '<Ada>'", want: true},
		"a filter that does not hold":    {topics: []string{"order.*"}, filter: "data.total > 100"},
		"a filter that fails":            {topics: []string{"order.*"}, filter: "sum(data.who)", fails: true},
	} {
		s, err := event.Subscribe(ordinaut.Webhook{ID: "w", Topics: c.topics, Filter: c.filter})
		if err != nil {
			t.Fatal(err)
		}
		seen := &event.Seen{Event: paid()}
		for range 2 { // the second time with the view of the first
			if got, err := s.Wants(seen); got != c.want || (err != nil) != c.fails {
				t.Errorf("%s: got %v, %v, want %v", name, got, err, c.want)
			}
		}
	}
}

func TestEverythingThatIsWrongWithASubscriptionIsTold(t *testing.T) {
	t.Parallel()
	_, err := event.Subscribe(ordinaut.Webhook{Topics: []string{"a..b", "ok", ">.x"}})
	if n := len(ordinaut.AsError(err).All()); err == nil || n != 2 {
		t.Errorf("got %v, want two faults", err)
	}
}

func TestADeliveryIsOfItsWebhookAndEvent(t *testing.T) {
	t.Parallel()
	w := ordinaut.Webhook{ID: "w", Topics: []string{">"}}
	s, err := event.Subscribe(w)
	if err != nil {
		t.Fatal(err)
	}
	first, second := s.Delivery(paid()), s.Delivery(paid())
	if first.ID == second.ID || first.WebhookID != "w" || !cmp.Equal(first.Event, paid()) || !cmp.Equal(s.Webhook(), w) {
		t.Errorf("got %+v and %+v, want two of their own", first, second)
	}
	if event.AboutWebhook("x") == event.AboutHook("x") {
		t.Error("a secret of a webhook can be opened for a hook")
	}
}

func TestAMapReadsWhatComesToAHook(t *testing.T) {
	t.Parallel()
	good := ordinaut.HookMap{Topic: "join('.', [hook, headers.\"x-event\"])", Data: "body.{a: a}", ID: "body.id || 'none'"}
	if err := event.CheckMap(good); err != nil {
		t.Errorf("got %v, want none", err)
	}
	err := event.CheckMap(ordinaut.HookMap{Topic: "bdy.a", Data: "nothing.a", Subject: "body.", ID: "hook"})
	got := map[string]string{}
	for _, f := range ordinaut.AsError(err).All() {
		got[f.At] = f.Fix
	}
	if len(got) != 3 || got["/topic"] != "did you mean body?" || got["/data"] != "read from body, headers, hook" || got["/subject"] == "" {
		t.Errorf("got %v, want three faults with what to do", got)
	}
}
