package toolfile_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/ordinaut/ordinaut/internal/toolfile"
)

// entries are what the edits of testdata add.
func entries() map[string]toolfile.Entry {
	return map[string]toolfile.Entry{
		"fs": toolfile.Server{
			Name: "fs", Kind: toolfile.Stdio, Command: "npx", Args: []string{"-y", "<&>"}, Env: map[string]string{"A": "${A}"},
			StartTimeout: 90 * time.Second,
		},
		"remote":      toolfile.Server{Name: "remote", Kind: toolfile.HTTP, URL: "https://example.com/mcp", Headers: map[string]string{"A": "b"}},
		"weather.now": toolfile.HTTPTool{Address: "weather.now", Method: "GET", URL: "https://example.com/${place}", ReadOnly: true, Body: json.RawMessage(`{"a":1}`)},
		"flow":        toolfile.Server{Name: "flow", Kind: toolfile.Stdio, Command: "x"},
		"bad url":     toolfile.Server{Name: "bad", Kind: toolfile.HTTP, URL: "example"},
	}
}

func TestEdits(t *testing.T) {
	t.Parallel()
	const file = "testdata/edits/edits.txtar"
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	kept := txtar.Archive{Comment: archive.Comment}
	parts := map[string]string{}
	for _, f := range archive.Files {
		parts[f.Name] = string(f.Data)
	}
	for _, f := range archive.Files {
		what, part := path.Split(f.Name)
		if part != "before" {
			continue
		}
		got := edited(parts[what+"before"], parts[what+"edits"])
		if diff := cmp.Diff(parts[what+"after"], got); diff != "" && !*update {
			t.Errorf("%s (-want +got), write it anew with -update:\n%s", what, diff)
		}
		kept.Files = append(kept.Files, f, txtar.File{Name: what + "edits", Data: []byte(parts[what+"edits"])}, txtar.File{Name: what + "after", Data: []byte(got)})
	}
	if *update {
		if err := os.WriteFile(file, txtar.Format(&kept), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// edited is what becomes of a file, and the faults of the edits that failed.
func edited(text, edits string) string {
	var b strings.Builder
	for line := range strings.Lines(edits) {
		verb, name, _ := strings.Cut(strings.TrimSpace(line), " ")
		out, err := []byte(nil), error(nil)
		switch verb {
		case "add":
			out, err = toolfile.Add([]byte(text), entries()[name])
		case "replace":
			out, err = toolfile.Replace([]byte(text), entries()[name])
		case "rm":
			out, err = toolfile.Remove([]byte(text), name)
		}
		if err != nil {
			fmt.Fprintf(&b, "%s: %s", strings.TrimSpace(line), faults(err))
			continue
		}
		text = string(out)
	}
	return text + b.String()
}

func TestLineBreaksOfWindowsStay(t *testing.T) {
	t.Parallel()
	before := "\xef\xbb\xbf{\r\n  \"mcpServers\": {\r\n    \"a\": {\"command\": \"a\"}\r\n  }\r\n}\r\n"
	out, err := toolfile.Add([]byte(before), entries()["fs"])
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(strings.ReplaceAll(string(out), "\r\n", ""), "\n"); n > 0 {
		t.Errorf("got %d line breaks without \\r in %q", n, out)
	}
	back, err := toolfile.Remove(out, "fs")
	if err != nil || string(back) != strings.TrimPrefix(before, "\xef\xbb\xbf") {
		t.Errorf("got %q, %v, want what it was", back, err)
	}
}

func TestWhatCannotBeWrittenAsJSON(t *testing.T) {
	t.Parallel()
	_, err := toolfile.Add(nil, toolfile.HTTPTool{Address: "a.b", URL: "https://example.com", Body: json.RawMessage("{")})
	if err == nil || !strings.Contains(err.Error(), "a.b") {
		t.Errorf("got %v", err)
	}
	f := toolfile.File{Tools: []toolfile.HTTPTool{{Address: "a.b", URL: "https://example.com", Body: json.RawMessage("{")}}}
	if _, err := f.Canonical(); err == nil {
		t.Error("got no error")
	}
	f = toolfile.File{Servers: []toolfile.Server{{Name: "flow"}}}
	if _, err := f.Canonical(); err == nil {
		t.Error("got no error")
	}
}

func TestHas(t *testing.T) {
	t.Parallel()
	file := []byte(`{"mcpServers": {"A": {"command": "x"}}, "tools": {"b.c": {"url": "https://example.com"}}}`)
	for name, want := range map[string]bool{"A": true, "a": true, "b.c": true, "d": false} {
		if got := toolfile.Has(file, name); got != want {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
	if toolfile.Has([]byte("{"), "a") {
		t.Error("a file that cannot be read has something")
	}
}
