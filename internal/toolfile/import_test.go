package toolfile_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/ordinaut/ordinaut/internal/toolfile"
)

// outcomes are what became of each entry, for people.
func outcomes(i toolfile.Imports) string {
	var b strings.Builder
	for _, e := range i.Entries {
		fmt.Fprintf(&b, "%s %s", e.Outcome, e.Name)
		if e.Was != "" {
			fmt.Fprintf(&b, " (was %s)", e.Was)
		}
		b.WriteString("\n")
		if e.Err != nil {
			b.WriteString(faults(e.Err))
		}
	}
	for _, note := range i.Notes {
		fmt.Fprintf(&b, "note: %s\n", note)
	}
	return b.String()
}

func TestImport(t *testing.T) {
	t.Parallel()
	const file = "testdata/imports/vscode.txtar"
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	catalog, want := archive.Files[0].Data, archive.Files[2:]
	from := toolfile.Foreign{Name: "mcp.json", Dir: "/people/ann/app", Data: archive.Files[1].Data}
	got, err := toolfile.Import(catalog, from)
	if err != nil {
		t.Fatal(faults(err))
	}
	if diff := cmp.Diff(string(want[0].Data), outcomes(got)); diff != "" && !*update {
		t.Errorf("outcomes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(string(want[1].Data), string(got.File)); diff != "" && !*update {
		t.Errorf("the catalog (-want +got):\n%s", diff)
	}
	if *update {
		want[0].Data, want[1].Data = []byte(outcomes(got)), got.File
		if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	again, err := toolfile.Import(got.File, from)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(outcomes(again), "added"); n > 0 || string(again.File) != string(got.File) {
		t.Errorf("a second import has added %d entries:\n%s", n, outcomes(again))
	}
}

func TestTheProjectsOfClaudeCodeAreImported(t *testing.T) {
	t.Parallel()
	got, err := toolfile.Import(nil, toolfile.Foreign{Name: ".claude.json", Data: []byte(`{
		"mcpServers": {"a": {"command": "x"}},
		"projects": {
			"/one": {"mcpServers": {"a": {"command": "x"}, "b": {"command": "y"}}, "allowedTools": []},
			"/two": {"mcpServers": {"b": {"command": "z"}}},
			"/three": {}}}`)})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("added a\nadded b\ntaken b\n", outcomes(got)); diff != "" {
		t.Errorf("outcomes (-want +got):\n%s", diff)
	}
}

func TestNothingIsImportedFromOrIntoAFileThatCannotBeRead(t *testing.T) {
	t.Parallel()
	fine := []byte(`{"mcpServers": {"a": {"command": "x"}}}`)
	for _, c := range []struct{ catalog, from []byte }{{[]byte("{"), fine}, {fine, []byte("{")}} {
		if _, err := toolfile.Import(c.catalog, toolfile.Foreign{Name: "mcp.json", Data: c.from}); err == nil {
			t.Errorf("%s into %s: got no error", c.from, c.catalog)
		}
	}
}

func TestSources(t *testing.T) {
	t.Parallel()
	env := func(values map[string]string) func(string) string {
		return func(name string) string { return values[name] }
	}
	for _, c := range []struct {
		system string
		env    map[string]string
		want   map[string]string // of each client, its first file
	}{
		{"linux", map[string]string{"HOME": "/h"}, map[string]string{
			"claude-desktop": "/h/.config/Claude/claude_desktop_config.json", "claude-code": "/h/.claude.json", "cursor": "/h/.cursor/mcp.json",
			"vscode": "/h/.config/Code/User/mcp.json", "windsurf": "/h/.codeium/windsurf/mcp_config.json", "gemini": "/h/.gemini/settings.json",
			"codex": "/h/.codex/config.toml", "zed": "/h/.config/zed/settings.json",
		}},
		{"linux", map[string]string{"HOME": "/h", "XDG_CONFIG_HOME": "/c", "CODEX_HOME": "/x"}, map[string]string{
			"claude-desktop": "/c/Claude/claude_desktop_config.json", "codex": "/x/config.toml", "zed": "/c/zed/settings.json",
		}},
		{"darwin", map[string]string{"HOME": "/h"}, map[string]string{
			"claude-desktop": "/h/Library/Application Support/Claude/claude_desktop_config.json",
			"vscode":         "/h/Library/Application Support/Code/User/mcp.json", "zed": "/h/.config/zed/settings.json",
		}},
		{"windows", map[string]string{"USERPROFILE": "/u", "APPDATA": "/a"}, map[string]string{
			"claude-desktop": "/a/Claude/claude_desktop_config.json", "claude-code": "/u/.claude.json", "vscode": "/a/Code/User/mcp.json", "zed": "/a/Zed/settings.json",
		}},
	} {
		got, projects := map[string]string{}, 0
		for _, s := range toolfile.Sources(c.system, env(c.env)) {
			if s.Project {
				projects++
			} else if got[s.Client] == "" {
				got[s.Client] = s.Path
			}
		}
		for client, want := range c.want {
			if got[client] != want {
				t.Errorf("%s on %s: got %s, want %s", client, c.system, got[client], want)
			}
		}
		if projects != 6 {
			t.Errorf("got %d files of projects, want 6", projects)
		}
	}
}

func TestWorkspace(t *testing.T) {
	t.Parallel()
	for dir, want := range map[string]string{"/app/.vscode": "/app", "/app/.cursor": "/app", "/app": "/app", "": ""} {
		if got := toolfile.Workspace(dir); got != want {
			t.Errorf("%s: got %s, want %s", dir, got, want)
		}
	}
}
