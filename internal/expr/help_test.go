package expr

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ordinaut/ordinaut"
)

var update = flag.Bool("update", false, "write the golden files anew")

// decode reads JSON as the engine does: numbers stay as they are written.
func decode(t testing.TB, text string) any {
	t.Helper()
	v, err := decodeJSON(text)
	if err != nil {
		t.Fatalf("decode %s: %v", text, err)
	}
	return v
}

// env is a run in Chișinău on the eve of the spring clock change, in the middle
// of a pipeline.
func env(t testing.TB) *Env {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Chisinau")
	if err != nil {
		t.Fatal(err)
	}
	roots := decode(t, `{
		"params": {"city": "Chișinău", "n": 5, "chat": -1001234567890123, "big": 9007199254740993,
			"half": 0.5, "delay": "2h", "email": "ana@example.org", "empty": "", "none": null,
			"start": "2026-03-27T10:00:00Z", "html": "<b>&</b>", "inject": "${params.n}"},
		"steps": {
			"weather": {"city": "Chișinău", "forecast": ["sun", "rain"], "wind": null},
			"send-mail": {"id": 7, "error": null},
			"items": [{"name": "a", "price": 150, "ok": true}, {"name": "b", "price": 50, "ok": false}],
			"numbers": [3, 1, 2],
			"skipped": null},
		"errors": {},
		"event": null,
		"run": {"id": "0198a6b2-0000-7000-8000-000000000001", "attempt": 1, "nominal_at": "2026-03-28T08:30:00+02:00"}
	}`).(map[string]any)
	return &Env{
		Roots: roots,
		Now:   time.Date(2026, 3, 28, 6, 30, 0, 0, time.UTC),
		Zone:  zone,
		RunID: "0198a6b2-0000-7000-8000-000000000001",
	}
}

// render parses and renders a template.
func render(t testing.TB, value any) (any, error) {
	t.Helper()
	tmpl, err := ParseTemplate(value)
	if err != nil {
		return nil, err
	}
	return tmpl.Render(env(t))
}

// mustEval evaluates an expression in env.
func mustEval(t testing.TB, text string) any {
	t.Helper()
	e, err := Parse(text)
	if err != nil {
		t.Fatalf("Parse(%q): %v", text, err)
	}
	v, err := e.Eval(env(t))
	if err != nil {
		t.Fatalf("Eval(%q): %v", text, err)
	}
	return v
}

// wantCode checks that err is a fault of the code that a user could act on.
func wantCode(t testing.TB, what string, err error, want ordinaut.Code) {
	t.Helper()
	if err == nil {
		t.Errorf("%s: no error, want %s", what, want)
		return
	}
	fault := ordinaut.AsError(err)
	if fault.Code != want {
		t.Errorf("%s: got %s, want %s: %v", what, fault.Code, want, err)
	}
	if fault.Message == "" || fault.Fix == "" {
		t.Errorf("%s: the error lacks a message or a fix: %#v", what, fault)
	}
}

// golden compares got with a file in testdata.
func golden(t *testing.T, file, got string) {
	t.Helper()
	path := filepath.Join("testdata", file)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(readTestdata(t, file), got); diff != "" {
		t.Errorf("%s (-want +got; run with -update to accept):\n%s", path, diff)
	}
}

func readTestdata(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
