package pipeline_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/pipeline"
)

// eventStays are runs that wait for an event.
func eventStays() []stayed {
	const payload = `{"params": {"order": "A-17"}, "pipeline": [
		{"id": "paid", "uses": "flow.wait_for_event", "with": {"topic": "payment.*", "where": "data.order == '${params.order}'", "timeout_seconds": 60`
	const rest = `}}, {"uses": "debug.echo", "with": {"x": "${steps.paid.data.amount?}"}}]}`
	event := map[string][]string{"paid": {`{"type":"payment.received","data":{"amount":5}}`}}
	return []stayed{
		{
			"a step goes on with its event", payload + rest, nil, event,
			[]string{`waiting paid`, `succeeded paid {"data":{"amount":5},"payload":{"amount":5},"topic":"payment.received","type":"payment.received"}`, `call step_1 debug.echo {"x":5}`, `done {"x":5}`},
		},
		{
			"a step without its event fails, and is not tried again", payload + rest, nil, nil,
			[]string{`waiting paid`, `until 27. 08:31:00`, `failed paid event.not_seen`, `failed timeout event.not_seen paid spent=true: no event of payment.* where data.order == 'A-17' came by 2026-03-27T06:31:00Z`},
		},
		{
			"a step may go on without its event", payload + `, "on_timeout": "continue"` + rest, nil, nil,
			[]string{`waiting paid`, `until 27. 08:31:00`, `succeeded paid null`, `call step_1 debug.echo {"x":null}`, `done {"x":null}`},
		},
		{
			"what is no event fails the step", payload + rest, nil, map[string][]string{"paid": {`5`}},
			[]string{`waiting paid`, `failed paid field.invalid_value`, `failed invalid_input field.invalid_value paid spent=false: the answer to paid cannot be read: json: cannot unmarshal number into Go value of type map[string]interface {}`},
		},
		{
			"a topic that turns out to be none fails the step",
			`{"params": {"topic": "a..b"}, "pipeline": [{"id": "paid", "uses": "flow.wait_for_event", "with": {"topic": "${params.topic}"}}]}`, nil, nil,
			[]string{`failed paid event.invalid_topic`, `failed invalid_input event.invalid_topic paid spent=false: there is nothing between two dots, or before or behind one`},
		},
	}
}

func TestAWaitForAnEventSaysWhichAndSinceWhen(t *testing.T) {
	t.Parallel()
	e := env(t)
	e.Run.Event = nil
	g := compile(t, `{"pipeline": [
		{"id": "a", "uses": "flow.wait_for_event", "with": {"topic": "paid", "where": "  data.n == 1 ", "lookback_seconds": 30}},
		{"id": "b", "needs": [], "uses": "flow.wait_for_event", "with": {"topic": "paid"}}]}`).Begin(e)
	turn := g.Next(*e.Run.Now)
	if len(turn.Settled) != 2 || !turn.Waiting {
		t.Fatalf("got %+v, want two steps that wait", turn)
	}
	since, day := e.Run.Now.Add(-30*time.Second), 24*time.Hour
	until, whole := e.Run.Now.Add(366*day), e.Run.Now.Add(366*day)
	want := []*ordinaut.Wait{
		{Kind: ordinaut.WaitEvent, Key: "paid where data.n == 1", From: &since, Until: &until},
		{Kind: ordinaut.WaitEvent, Key: "paid", Until: &whole},
	}
	if diff := cmp.Diff(want, []*ordinaut.Wait{turn.Settled[0].Wait, turn.Settled[1].Wait}); diff != "" {
		t.Errorf("waits (-want +got):\n%s", diff)
	}
}

func TestCompileTellsEachFaultOfAWaitForAnEvent(t *testing.T) {
	t.Parallel()
	c := newShelf(t)
	for with, want := range map[string][]string{
		`{"topic": "paid", "where": "data.n > 1"}`:          nil,
		`{"topic": "${params.topic}", "where": "nonsense"}`: nil,
		`{"topic": "paid", "where": "data.n == ${now}"}`:    nil,
		`{}`:                     {`field.required /pipeline/0/with/topic: topic is missing; add topic, a string: A topic, or a pattern in which * is one word and > at the end all that follow`},
		`{"topic": "paid..now"}`: {`event.invalid_topic /pipeline/0/with/topic: there is nothing between two dots, or before or behind one; take the dot away`},
		`{"topic": "paid", "where": "dat.n > 1"}`:        {`expression.unknown_root /pipeline/0/with/where: an event has no "dat"; did you mean data?`},
		`{"topic": "paid", "on_timeout": "contineu"}`:    {`field.invalid_value /pipeline/0/with/on_timeout: on_timeout must be one of fail, continue; did you mean continue?`},
		`{"topic": "paid", "lookback_seconds": 9999999}`: {`field.invalid_value /pipeline/0/with/lookback_seconds: lookback_seconds must be at most 2592000; send a number that is at most 2592000`},
	} {
		if diff := cmp.Diff(want, told(check(`{"pipeline": [{"uses": "flow.wait_for_event", "with": `+with+`}]}`, c))); diff != "" {
			t.Errorf("%s: faults (-want +got):\n%s", with, diff)
		}
	}
}

func TestAPipelineReadsTheEventItsRunIsAbout(t *testing.T) {
	t.Parallel()
	plan := compile(t, `{"pipeline": [{"id": "a", "uses": "debug.echo", "with": {"n": "${event.data.n}", "type": "${event.type}", "all": "${event.events[*].payload.n}", "count": "${event.count}"}}]}`)
	if got := strings.Join(plan.ReadsEvent(), " "); got != "/pipeline/0/with/all /pipeline/0/with/count /pipeline/0/with/n /pipeline/0/with/type" {
		t.Errorf("it reads the event at %s", got)
	}
	for event, want := range map[string]string{
		`{"type":"a.b","data":{"n":1}}`:                               `{"all":[1],"count":1,"n":1,"type":"a.b"}`,
		`[{"type":"a.b","data":{"n":1}},{"type":"c","data":{"n":2}}]`: `{"all":[1,2],"count":2,"n":2,"type":"c"}`,
		``:     "",
		`nope`: "",
	} {
		e := env(t)
		e.Run.Event = json.RawMessage(event)
		turn := plan.Begin(e).Next(*e.Run.Now)
		if want == "" {
			if end, failed := turn.End.(pipeline.Failed); !failed || end.Failure.Code != ordinaut.CodeExprRoot {
				t.Errorf("%q: got %+v, want that there is no event", event, turn)
			}
			continue
		}
		if len(turn.Begin) != 1 || string(turn.Begin[0].Args) != want {
			t.Errorf("%q: got %+v, want a call with %s", event, turn, want)
		}
	}
}
