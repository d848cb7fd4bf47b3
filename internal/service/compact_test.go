package service

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestOnePayloadHasOneSpelling(t *testing.T) {
	t.Parallel()
	for sent, want := range map[string]string{
		` { "b" : [ 1.50 , true , null , { } , [ ] ] , "a" : "\u003cb\u003e \u00e4\/\n" } `: `{"b":[1.50,true,null,{},[]],"a":"<b> ä/\n"}`,
		`12345678901234567890123`: `12345678901234567890123`, `"x"`: `"x"`, `{"a":`: `{"a":`, ``: ``,
	} {
		if got := string(compact(json.RawMessage(sent))); got != want {
			t.Errorf("%s: got %s, want %s", sent, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.MapOf(rapid.String(), rapid.SliceOf(rapid.String())).Draw(t, "value")
		plain, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		lines, err := json.MarshalIndent(value, "", "\t")
		if err != nil {
			t.Fatal(err)
		}
		var read map[string][]string
		if err := json.Unmarshal(compact(plain), &read); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(compact(plain)), string(compact(lines))) + cmp.Diff(value, read); diff != "" {
			t.Error(diff)
		}
	})
}
