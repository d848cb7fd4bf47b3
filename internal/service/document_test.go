package service_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/schema"
	"github.com/ordinaut/ordinaut/ordinauttest"
)

var update = flag.Bool("update", false, "write the published schemas anew")

const references = "../../docs/reference/"

// published is the schema of a kind of file, as the operation gives it.
func published(t *testing.T, w *ordinauttest.World, file string) json.RawMessage {
	t.Helper()
	var text bytes.Buffer
	if err := json.Indent(&text, w.Do("file.schema", `{"file": "`+file+`"}`), "", "  "); err != nil {
		t.Fatal(err)
	}
	return append(text.Bytes(), '\n')
}

func TestThePublishedSchemasAreFresh(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		for _, file := range []string{"task", "mocks"} {
			path, want := references+file+".schema.json", published(t, w, file)
			got, err := os.ReadFile(path)
			if *update {
				err = os.WriteFile(path, want, 0o600)
				got = want
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("%s is out of date, run the test with -update (-want +got):\n%s", path, diff)
			}
		}
		refused(t, w, "file.schema", `{"file": "tsk"}`, ordinaut.CodeFieldValue)
	})
}

// compiled compiles a published schema.
func compiled(t *testing.T, file string) *schema.Schema {
	t.Helper()
	text, err := os.ReadFile(references + file + ".schema.json")
	if err != nil {
		t.Fatal(err)
	}
	s, err := schema.Compile(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestEveryExampleFitsThePublishedSchema holds the tasks in examples against it.
func TestEveryExampleFitsThePublishedSchema(t *testing.T) {
	t.Parallel()
	task, examples := compiled(t, "task"), 0
	err := filepath.WalkDir("../../examples", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".json" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil || !strings.Contains(string(text), `"schedule_kind"`) {
			return err
		}
		examples++
		for _, f := range task.Validate(value(t, text)) {
			t.Errorf("%s: %v", path, f)
		}
		return nil
	})
	if err != nil || examples < 3 {
		t.Errorf("found %d examples, %v", examples, err)
	}
}

func value(t *testing.T, text []byte) (v any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

// TestThePublishedSchemaFindsWhatTheServerFinds sends slips that an editor is to
// underline.
func TestThePublishedSchemaFindsWhatTheServerFinds(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		task := compiled(t, "task")
		for slip, at := range map[string]string{
			`, "titel": "x"`:                "/titel",
			`, "priority": 10`:              "/priority",
			`, "schedule_kind": "crn"`:      "/schedule_kind",
			`, "payload": {"pipeline": []}`: "/payload/pipeline",
			`, "payload": {"pipeline": [{"uses": "debug.echo", "wiht": {}}]}`:            "/payload/pipeline/0/wiht",
			`, "payload": {"pipeline": [{"uses": "debug.echo", "id": "a b"}]}`:           "/payload/pipeline/0/id",
			`, "payload": {"pipeline": [{"uses": "debug.echo", "timeout_seconds": 0}]}`:  "/payload/pipeline/0/timeout_seconds",
			`, "payload": {"pipeline": [{"uses": "debug.echo"}], "params": [1]}`:         "/payload/params",
			`, "payload": {"pipeline": [{"id": "a"}]}`:                                   "/payload/pipeline/0/uses",
			`, "payload": {"pipeline": [{"uses": "debug.echo", "if": 1, "with": null}]}`: "/payload/pipeline/0/if",
		} {
			sent := hello(slip)
			var places []string
			for _, f := range task.Validate(value(t, []byte(sent))) {
				places = append(places, f.At)
			}
			if !slices.Contains(places, at) {
				t.Errorf("%s: the schema finds faults at %v, want one at %s", slip, places, at)
			}
			if _, err := w.Call("task.create", sent); err == nil || ordinaut.AsError(err).All()[0].At != at {
				t.Errorf("%s: the server answers %v, want a fault at %s", slip, err, at)
			}
		}
	})
}
