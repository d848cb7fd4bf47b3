package toolfile_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/toolfile"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestDialects reads the files of every client, and compares what is made of
// them with what stands in testdata/dialects: the file in canonical form, or its
// faults.
func TestDialects(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/dialects/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		kept := txtar.Archive{Comment: archive.Comment}
		for i, given := range archive.Files {
			what, name := path.Split(given.Name)
			if name == "want" {
				continue
			}
			got := told(name, given.Data)
			kept.Files = append(kept.Files, given, txtar.File{Name: what + "want", Data: []byte(got)})
			t.Run(what, func(t *testing.T) {
				t.Parallel()
				want := ""
				if i+1 < len(archive.Files) && archive.Files[i+1].Name == what+"want" {
					want = string(archive.Files[i+1].Data)
				}
				if diff := cmp.Diff(want, got); diff != "" && !*update {
					t.Errorf("%s (-want +got), write it anew with -update:\n%s", file, diff)
				}
			})
		}
		if *update {
			if err := os.WriteFile(file, txtar.Format(&kept), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// told is what a file means, for people.
func told(name string, data []byte) string {
	f, err := toolfile.Parse(name, data)
	if err != nil {
		return faults(err)
	}
	text, err := f.Canonical()
	if err != nil {
		return err.Error()
	}
	var b strings.Builder
	b.Write(text)
	for _, note := range f.Notes {
		fmt.Fprintf(&b, "note: %s\n", note)
	}
	for _, name := range f.Overrides() {
		fmt.Fprintf(&b, "overrides: %s\n", name)
	}
	for _, input := range f.Inputs {
		fmt.Fprintf(&b, "input: %s: %s (%s)\n", input.ID, input.Description, input.Default)
	}
	return b.String()
}

// faults is every fault of an error, one below the other.
func faults(err error) string {
	var b strings.Builder
	e, ok := errors.AsType[*ordinaut.Error](err)
	if !ok {
		return "not an *ordinaut.Error: " + err.Error()
	}
	for _, f := range e.All() {
		fmt.Fprintf(&b, "%s at %q: %s\n    fix: %s\n", f.Code, f.At, f.Message, f.Fix)
		if len(f.Examples) > 0 {
			fmt.Fprintf(&b, "    example: %s\n", strings.Join(f.Examples, "   "))
		}
	}
	return b.String()
}

func TestEveryKindOfValueOfTOMLIsRead(t *testing.T) {
	t.Parallel()
	f, err := toolfile.Parse("config.toml", []byte(`
profiles = [{ name = "a", at = 2027-01-01T00:00:00Z }, { name = "b", ratio = inf }]
[[history]]
when = 2027-01-01
score = nan
[mcp_servers.a]
command = "x"
args = ["-p", 8080, 1.5, true]
startup_timeout_sec = 2.5
[tools."b.c"]
url = "https://example.com"
input_schema = { type = "object", properties = { a = { type = "string", enum = ["b"] } } }
body = [1, 2.5, "c"]
`))
	if err != nil {
		t.Fatal(faults(err))
	}
	if diff := cmp.Diff([]string{"-p", "8080", "1.5", "true"}, f.Servers[0].Args); diff != "" {
		t.Errorf("args (-want +got):\n%s", diff)
	}
	if got := f.Servers[0].StartTimeout; got != 2500*time.Millisecond {
		t.Errorf("got %s to start, want 2.5s", got)
	}
	if got, want := string(f.Tools[0].Body), `[1,2.5,"c"]`; got != want {
		t.Errorf("got body %s, want %s", got, want)
	}
}

func TestDepthIsBounded(t *testing.T) {
	t.Parallel()
	nested := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	for _, c := range []struct {
		name, text string
		fine       bool
	}{
		{"mcp.json", `{"a": ` + nested(63) + `}`, true},
		{"mcp.json", `{"a": ` + nested(64) + `}`, false},
		{"config.toml", "a = " + nested(64), true},
		{"config.toml", "a = " + nested(65), false},
		{"mcp.json", strings.Repeat("[", 1<<20), false},
		{"config.toml", "a = " + strings.Repeat("[", 1<<20), false},
	} {
		if _, err := toolfile.Parse(c.name, []byte(c.text)); (err == nil) != c.fine {
			t.Errorf("%s %.20s… (%d bytes): got %v", c.name, c.text, len(c.text), err)
		}
	}
}

func TestTimesToStart(t *testing.T) {
	t.Parallel()
	for field, want := range map[string]time.Duration{
		`"timeout": 60`: time.Minute, `"timeout": 999`: 999 * time.Second, `"timeout": 1000`: time.Second, `"timeout": 15000`: 15 * time.Second,
		`"timeout": "30s"`: 30 * time.Second, `"timeout": 0`: 0, `"timeout": 86400000`: time.Hour, `"timeout": "1e300"`: time.Hour,
		`"initTimeout": 500`: 500 * time.Millisecond, `"startup_timeout_ms": 20000`: 20 * time.Second, `"startup_timeout_sec": 2000`: 2000 * time.Second,
		`"x-ordinaut": {"start_timeout_seconds": 1.5}`: 1500 * time.Millisecond,
	} {
		f, err := toolfile.Parse("mcp.json", []byte(`{"mcpServers": {"a": {"command": "x", `+field+`}}}`))
		if err != nil || f.Servers[0].StartTimeout != want {
			t.Errorf("%s: got %v, %v, want %s", field, f.Servers, err, want)
		}
	}
	for _, field := range []string{`"timeout": -1`, `"timeout": "NaN"`, `"timeout": true`, `"timeout": "-3s"`} {
		if _, err := toolfile.Parse("mcp.json", []byte(`{"mcpServers": {"a": {"command": "x", `+field+`}}}`)); err == nil {
			t.Errorf("%s: got no fault", field)
		}
	}
}
