package jsonguard

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestValuesComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`9007199254740993`,
		`1e400`,
		`{"html":"<b>&amp;</b>","n":0.10,"nested":[null,true,"ü"]}`,
	} {
		var v any
		if err := Decode([]byte(text), &v); err != nil {
			t.Fatalf("decode %s: %v", text, err)
		}
		got, err := Encode(v)
		if err != nil {
			t.Fatalf("encode %v: %v", v, err)
		}
		if diff := cmp.Diff(json.RawMessage(text), got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

func TestWhatIsNoValueIsRefused(t *testing.T) {
	t.Parallel()
	var v any
	if err := Decode([]byte(`{"a":`), &v); err == nil {
		t.Errorf("got %v, want an error", v)
	}
	if got, err := Encode(func() {}); err == nil {
		t.Errorf("got %s, want an error", got)
	}
}
