package op_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/op"
)

// greet is a request with everything that a request can have.
type greet struct {
	Name  string `json:"name" minLength:"2"`
	Times int    `json:"times,omitempty" minimum:"1" maximum:"3"`
	Mood  string `json:"mood,omitempty" enum:"glad,grave"`

	sent map[string]json.RawMessage
}

func (g *greet) SetDefaults() { g.Times = 2 }

func (g *greet) KeepSent(fields map[string]json.RawMessage) { g.sent = fields }

type greeting struct {
	Name   string           `json:"name"`
	Times  int              `json:"times"`
	Action string           `json:"action"`
	Actor  ordinaut.AgentID `json:"actor"`
	Sent   int              `json:"sent"`
}

func say(ctx context.Context, g greet) (greeting, error) {
	c := ordinaut.ChangeFrom(ctx)
	return greeting{Name: g.Name, Times: g.Times, Action: c.Action, Actor: c.Actor, Sent: len(g.sent)}, nil
}

// set is one operation that writes, one that changes parts, and one that
// anybody may ask.
func set(t *testing.T) *op.Set {
	t.Helper()
	write := op.Op{
		Name: "greeting.say", Method: "POST", Path: "/v1/greetings", Scope: ordinaut.ScopeTasksWrite, Effect: op.Write,
		Later: map[string]string{"song": "speak instead"},
	}
	part := op.Op{Name: "greeting.change", Method: "PATCH", Path: "/v1/greetings/{name}", Effect: op.Read, Partial: true}
	s, err := op.NewSet(
		op.Checked(op.New(write, say), func(_ context.Context, g greet) error {
			if g.Name == "nobody" {
				return &ordinaut.Error{Code: ordinaut.CodeTaskNotFound, At: "/name"}
			}
			return nil
		}),
		op.New(part, say),
		op.New(op.Op{Name: "time.tell", Method: "GET", Path: "/v1/time", Effect: op.Read}, func(context.Context, op.Nothing) (string, error) { return "noon", nil }),
	)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Compile(); err != nil {
		t.Fatal(err)
	}
	return s
}

func as(scopes ...ordinaut.Scope) context.Context {
	return ordinaut.WithAgent(context.Background(), ordinaut.Agent{ID: "a", Name: "Ada", Scopes: scopes})
}

func TestACallIsCheckedAndMadeUnderItsName(t *testing.T) {
	t.Parallel()
	s := set(t)
	got, err := s.Call(as(ordinaut.ScopeTasksWrite), s.Find("greeting.say"), json.RawMessage(`{"name": "Bob", "song": null}`))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(greeting{Name: "Bob", Times: 2, Action: "greeting.say", Actor: "a", Sent: 2}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got, err := s.Call(context.Background(), s.Find("time.tell"), nil); err != nil || got != "noon" {
		t.Errorf("without a body and a caller: %v, %v", got, err)
	}
}

func TestFaultsAreToldTogether(t *testing.T) {
	t.Parallel()
	s := set(t)
	for request, want := range map[string][]string{
		`{}`:                                {"field.required /name"},
		`{"name": "B"}`:                     {"field.invalid_value /name"},
		`{"name": 7, "times": 9}`:           {"field.wrong_type /name", "field.invalid_value /times"},
		`{"name": "nobody", "mood": "bad"}`: {"field.invalid_value /mood", "task.not_found /name"},
		`{"name": "nobody"}`:                nil,
		`{"name": "Bob", "song": "la"}`:     {"field.not_available /song"},
		`{"name": "Bob", "nam": 1}`:         {"field.unknown /nam"},
		`[]`:                                {"field.wrong_type "},
		`{`:                                 {"request.malformed "},
		`{"name": "Bob", "name": "Bob"}`:    {"request.duplicate_key /name"},
	} {
		_, err := s.Call(as(ordinaut.ScopeAdmin), s.Find("greeting.say"), json.RawMessage(request))
		var got []string
		if err != nil {
			for _, f := range ordinaut.AsError(err).All() {
				got = append(got, string(f.Code)+" "+f.At)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", request, diff)
		}
	}
}

func TestAPartialRequestAsksForNothing(t *testing.T) {
	t.Parallel()
	s := set(t)
	got, err := s.Call(context.Background(), s.Find("greeting.change"), json.RawMessage(`{"name": "Bob", "times": null}`))
	if err != nil || got.(greeting).Times != 2 || got.(greeting).Sent != 2 {
		t.Errorf("got %+v, %v, want that null is the default", got, err)
	}
	_, err = s.Call(context.Background(), s.Find("greeting.change"), json.RawMessage(`{"times": 1}`))
	if !errors.Is(err, &ordinaut.Error{Code: ordinaut.CodeFieldRequired}) {
		t.Errorf("got %v, want that the path is needed", err)
	}
}

func TestScopesAreAskedForFirst(t *testing.T) {
	t.Parallel()
	s := set(t)
	for code, ctx := range map[ordinaut.Code]context.Context{
		ordinaut.CodeAuthMissing: context.Background(),
		ordinaut.CodeAuthScope:   as(ordinaut.ScopeTasksRead),
	} {
		_, err := s.Call(ctx, s.Find("greeting.say"), json.RawMessage(`{`))
		if !errors.Is(err, &ordinaut.Error{Code: code}) {
			t.Errorf("got %v, want %s", err, code)
		}
	}
}

func TestADescriptionCanBeWrong(t *testing.T) {
	t.Parallel()
	o := op.New(op.Op{Name: "greeting.say", Method: "POST", Path: "/v1/greetings/{name}"}, say)
	if _, err := op.NewSet(o, o); err == nil {
		t.Error("an operation that is described twice is accepted")
	}
	if got := o.PathFields(); len(got) != 1 || got[0] != "name" || !o.HasBody() || o.Noun() != "greeting" {
		t.Errorf("path fields %v, body %v, noun %s", got, o.HasBody(), o.Noun())
	}
}
