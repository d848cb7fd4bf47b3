package toolfile_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"pgregory.net/rapid"

	"github.com/ordinaut/ordinaut/internal/toolfile"
)

// FuzzParse reads any text. What is read can be written in canonical form and
// means the same then, and a server that is added to the text and removed again
// leaves the others as they were.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/dialects/*.txtar")
	if err != nil || len(files) == 0 {
		f.Fatal(files, err)
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for _, given := range archive.Files {
			f.Add(string(given.Data), strings.HasSuffix(given.Name, ".toml"))
		}
	}
	f.Fuzz(func(t *testing.T, text string, isTOML bool) {
		name := "mcp.json"
		if isTOML {
			name = "config.toml"
		}
		read, err := toolfile.Parse(name, []byte(text))
		if _, resolveErr := read.Resolve(lookup()); resolveErr != nil {
			_ = faults(resolveErr)
		}
		if _, importErr := toolfile.Import(nil, toolfile.Foreign{Name: name, Data: []byte(text), Dir: "/app"}); importErr != nil {
			_ = faults(importErr)
		}
		if err != nil {
			if got := faults(err); strings.HasPrefix(got, "not an") {
				t.Error(got)
			}
			return
		}
		canonical, err := read.Canonical()
		if err != nil {
			t.Fatalf("write it in canonical form: %v", err)
		}
		same(t, "in canonical form", read, canonical)
		if isTOML || toolfile.Has([]byte(text), "fs") || len(read.Servers) >= 200 {
			return
		}
		added, err := toolfile.Add([]byte(text), entries()["fs"])
		if err != nil {
			return // an HTTP tool may have an address below fs
		}
		removed, err := toolfile.Remove(added, "fs")
		if err != nil {
			t.Fatalf("remove what was added to %q: %v", text, err)
		}
		same(t, "after fs was added and removed", read, removed)
	})
}

// same fails when a text does not mean what was read before.
func same(t *testing.T, when string, want toolfile.File, text []byte) {
	t.Helper()
	got, err := toolfile.Parse("mcp.json", text)
	if err != nil {
		t.Fatalf("%s it cannot be read: %s\n%s", when, faults(err), text)
	}
	if diff := cmp.Diff(want.Servers, got.Servers); diff != "" {
		t.Errorf("%s (-want +got):\n%s\n%s", when, diff, text)
	}
	if len(got.Tools) != len(want.Tools) {
		t.Errorf("%s: got %d tools, want %d", when, len(got.Tools), len(want.Tools))
	}
}

// TestEditsLeaveTheRestAsItIs adds and removes in any order. What was there
// before stays byte for byte.
func TestEditsLeaveTheRestAsItIs(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		space := rapid.SampledFrom([]string{"", " ", "\n  ", "\t", " // remark\n", "/* remark */", "\n\n"})
		ws := func() string { return space.Draw(t, "space") }
		var b strings.Builder
		b.WriteString(ws() + "{" + ws() + `"mcpServers"` + ws() + ":" + ws() + "{" + ws())
		names := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c", "d.e", "f-g"}), 0, 4, rapid.ID).Draw(t, "names")
		for i, name := range names {
			b.WriteString(`"` + name + `"` + ws() + `:` + ws() + `{"command": "x", "unknown": 1}` + ws())
			if i < len(names)-1 || rapid.Bool().Draw(t, "comma") {
				b.WriteString("," + ws())
			}
		}
		b.WriteString("}" + ws() + "}" + ws() + "\n")
		text := b.String()
		added, err := toolfile.Add([]byte(text), entries()["fs"])
		if err != nil {
			t.Fatalf("add to %q: %s", text, faults(err))
		}
		for _, name := range append([]string{"fs"}, names...) {
			if added, err = toolfile.Remove(added, name); err != nil {
				t.Fatalf("remove %s: %s", name, faults(err))
			}
		}
		left, err := toolfile.Parse("mcp.json", added)
		if err != nil || len(left.Servers) > 0 {
			t.Fatalf("got %v, %v", left.Servers, err)
		}
	})
}
