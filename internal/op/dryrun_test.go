package op_test

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"testing"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/op"
	"github.com/ordinaut/ordinaut/internal/schema"
)

// dry answers whether its writes are to be left out.
func dry(ctx context.Context, _ greet) (bool, error) { return ordinaut.ChangeFrom(ctx).DryRun, nil }

func TestADryRunIsSaidInTheChange(t *testing.T) {
	t.Parallel()
	s, err := op.NewSet(
		op.New(op.Op{Name: "greeting.write", Method: "POST", Path: "/v1/w", Effect: op.Write, DryRun: true}, dry),
		op.New(op.Op{Name: "greeting.send", Method: "POST", Path: "/v1/s", Effect: op.Write}, dry),
	)
	if err != nil {
		t.Fatal(err)
	}
	for request, want := range map[string]bool{
		`{"name": "Bob"}`: false, `{"name": "Bob", "dry_run": false}`: false, `{"name": "Bob", "dry_run":  true }`: true,
	} {
		if got, err := s.Call(as(), s.Find("greeting.write"), json.RawMessage(request)); got != want || err != nil {
			t.Errorf("%s: got %v, %v, want %v", request, got, err, want)
		}
	}
	_, err = s.Call(as(), s.Find("greeting.send"), json.RawMessage(`{"name": "Bob", "dry_run": true}`))
	if !errors.Is(err, &ordinaut.Error{Code: ordinaut.CodeFieldUnknown}) {
		t.Errorf("got %v, want that an operation without dry runs refuses one", err)
	}
}

// box has a type in it, and a field in the place of an embedded one.
type box struct {
	greet
	Lid  lid   `json:"lid" doc:"Closes it."`
	Lids []lid `json:"lids,omitempty"`
}

type lid struct {
	Width int `json:"width" exclusiveMinimum:"0" doc:"<in cm>"`
}

func TestADocumentStandsForItself(t *testing.T) {
	t.Parallel()
	text, err := op.Document(reflect.TypeFor[box](), "urn:box", "A box", nil)
	if err != nil {
		t.Fatal(err)
	}
	s, err := schema.Compile(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	if faults := s.Validate(map[string]any{"lid": map[string]any{"width": json.Number("-1")}}); len(faults) == 0 || faults[0].At != "/lid/width" {
		t.Errorf("got %v, want a fault at /lid/width", faults)
	}
	var head struct {
		ID     string `json:"$id"`
		Schema string `json:"$schema"`
		Title  string
	}
	if err := json.Unmarshal(text, &head); err != nil || head.ID != "urn:box" || head.Title != "A box" || head.Schema == "" {
		t.Errorf("got %+v, %v", head, err)
	}
}
