package cli_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/ordinaut/ordinaut/internal/face/cli"
	"github.com/ordinaut/ordinaut/internal/toolfile"
)

// catalog is the catalog file of a user at a command line.
func (u *terminal) catalog() string {
	u.t.Helper()
	dir := u.t.TempDir()
	u.env["ORDINAUT_DATA_DIR"] = dir
	return filepath.Join(dir, cli.ToolsFile)
}

func (u *terminal) read(path string) string {
	u.t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		u.t.Fatal(err)
	}
	return string(text)
}

func TestTheCatalogFileIsItsOwners(t *testing.T) {
	t.Parallel()
	u := newTerminal(t)
	path := u.catalog()
	if err := os.WriteFile(path, []byte("// mine\n{}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if got := u.run("tools add fs -- npx"); got.exit != 0 {
		t.Fatal(got.stderr)
	}
	info, err := os.Stat(path)
	if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("got mode %v, %v", info.Mode(), err)
	}
	if text := u.read(path); !strings.HasPrefix(text, "// mine\n") || !strings.Contains(text, `"npx"`) {
		t.Errorf("got %s", text)
	}
	others, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(others) != 1 {
		t.Errorf("got %v beside the file, %v", others, err)
	}
}

func TestALinkToTheCatalogFileStaysOne(t *testing.T) {
	t.Parallel()
	u := newTerminal(t)
	path := u.catalog()
	target := u.file("dotfiles.json", "{}")
	if err := os.Symlink(target, path); err != nil {
		t.Fatal(err)
	}
	if got := u.run("tools add fs -- npx"); got.exit != 0 {
		t.Fatal(got.stderr)
	}
	if info, err := os.Lstat(path); err != nil || info.Mode()&os.ModeSymlink == 0 || !strings.Contains(u.read(target), "npx") {
		t.Errorf("got %v, %v, %s", info, err, u.read(target))
	}
}

func TestTheFileOfTheRunningServerIsEdited(t *testing.T) {
	t.Parallel()
	u := newTerminal(t)
	dir := filepath.Dir(u.catalog())
	own := filepath.Join(dir, "tools", "own.json")
	if err := (cli.Running{URL: "http://127.0.0.1:1", PID: 1, Tools: own}).Save(dir); err != nil {
		t.Fatal(err)
	}
	if got := u.run("tools add fs -- npx"); got.exit != 0 || !strings.Contains(got.stderr, "within a few seconds") {
		t.Errorf("got exit %d, %s", got.exit, got.stderr)
	}
	if !strings.Contains(u.read(own), "npx") {
		t.Errorf("got %s", u.read(own))
	}
	if got := u.runWith(t.Context(), "tools", "rm", "fs", "--tools", own); got.exit != 0 || !strings.Contains(got.stderr, "within a few seconds") {
		t.Errorf("got exit %d, %s", got.exit, got.stderr)
	}
	other := u.file("other.json", "")
	if got := u.runWith(t.Context(), "tools", "add", "fs", "--tools", other, "--", "npx"); got.exit != 0 || !strings.Contains(got.stderr, "when it starts") {
		t.Errorf("got exit %d, %s", got.exit, got.stderr)
	}
}

func TestACatalogFileThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	u := newTerminal(t)
	broken := u.file("mcp.json", `{"mcpServers": {"fs": {"comand": "x"}}}`)
	if got := u.runWith(t.Context(), "tools", "add", "a", "--tools", broken, "--", "x"); got.exit != cli.ExitInvalid || !strings.Contains(got.stderr, "did you mean command?") {
		t.Errorf("got exit %d, %s", got.exit, got.stderr)
	}
	folder := t.TempDir()
	for _, c := range []string{folder, filepath.Join(broken, "below.json")} {
		if got := u.runWith(t.Context(), "tools", "add", "a", "--tools", c, "--", "x"); got.exit != cli.ExitInvalid || !strings.Contains(got.stderr, "cannot be") {
			t.Errorf("%s: got exit %d, %s", c, got.exit, got.stderr)
		}
	}
	u.env = map[string]string{}
	if got := u.run("tools rm a"); got.exit != cli.ExitUsage || !strings.Contains(got.stderr, "--tools") {
		t.Errorf("got exit %d, %s", got.exit, got.stderr)
	}
}

func TestImportingFromAClient(t *testing.T) {
	t.Parallel()
	u := newTerminal(t)
	path := u.catalog()
	u.env["USERPROFILE"] = u.env["HOME"]
	from := filepath.Join(u.env["HOME"], ".cursor", "mcp.json")
	if err := os.MkdirAll(filepath.Dir(from), 0o700); err != nil {
		t.Fatal(err)
	}
	text := `{"mcpServers": {
		"my db": {"command": "${workspaceFolder}/db", "env": {"DB_TOKEN": "correct-horse"}, "alwaysAllow": ["drop"]},
		"fs": {"command": "npx"}, "flow": {"command": "x"}}}`
	if err := os.WriteFile(from, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := u.run("tools import --from cursor --dry-run"); got.exit != 0 || !strings.Contains(got.stdout, "Added my-db") {
		t.Errorf("got exit %d, %s%s", got.exit, got.stdout, got.stderr)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("a dry run has written the file")
	}
	if got := u.run("tools add fs -- other"); got.exit != 0 {
		t.Fatal(got.stderr)
	}
	got := u.run("tools import --from cursor")
	for _, want := range []string{
		"Added my-db", "was       my db", "runs      " + filepath.ToSlash(u.env["HOME"]) + "/db", "env       DB_TOKEN=…",
		"fs was left out", "flow cannot be used", "DB_TOKEN stands in the file", "alwaysAllow is not taken as trust", "steer runs", "when it starts",
	} {
		if !strings.Contains(got.stdout+got.stderr, want) {
			t.Errorf("got no %q in exit %d, %s%s", want, got.exit, got.stdout, got.stderr)
		}
	}
	var answer struct {
		File  string
		Items []struct{ Name, Outcome string }
	}
	again := u.run("tools import --from cursor -o json")
	if err := json.Unmarshal([]byte(again.stdout), &answer); err != nil || answer.File != path || answer.Items[0].Outcome != "present" {
		t.Errorf("got %s, %v", again.stdout, err)
	}
	if _, err := toolfile.Parse(path, []byte(u.read(path))); err != nil {
		t.Error(err)
	}
}

func TestImportingFromAFile(t *testing.T) {
	t.Parallel()
	u := newTerminal(t)
	u.catalog()
	for _, c := range []struct {
		name, text string
		exit       int
		says       string
	}{
		{"config.toml", "[mcp_servers.a]\ncommand = 'x'\n", cli.ExitOK, "Added a to"},
		{"tools.json", `{"tools": {"a.b": {"url": "https://example.com/${x}"}}}`, cli.ExitInvalid, "an address of the server a"},
		{"more.json", `{"tools": {"c.d": {"url": "https://example.com/${x}"}}}`, cli.ExitOK, "GET https://example.com/${x}"},
		{"empty.json", `{"theme": "dark"}`, cli.ExitOK, "nothing to import"},
		{"bad.json", `{"mcpServers": {"flow": {"command": "x"}}}`, cli.ExitInvalid, "flow cannot be used"},
		{"broken.json", `{`, cli.ExitInvalid, "broken.json"},
	} {
		got := u.runWith(t.Context(), "tools", "import", "--from", u.file(c.name, c.text))
		if got.exit != c.exit || !strings.Contains(got.stdout+got.stderr, c.says) {
			t.Errorf("%s: got exit %d, %s%s", c.name, got.exit, got.stdout, got.stderr)
		}
	}
}

func TestWhatLiesInTheFolderIsImportedOnlyWhenItIsNamed(t *testing.T) {
	u := newTerminal(t)
	path := u.catalog()
	dir := t.TempDir()
	t.Chdir(dir)
	if err := os.WriteFile(".mcp.json", []byte(`{"mcpServers": {"theirs": {"command": "./steal"}}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	got := u.run("tools import --from claude-code")
	if got.exit != cli.ExitNotFound || !strings.Contains(got.stderr, "--from .mcp.json") {
		t.Errorf("got exit %d, %s", got.exit, got.stderr)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("it was imported")
	}
	if got := u.run("tools import --from .mcp.json"); got.exit != 0 || !strings.Contains(got.stdout, "Added theirs") {
		t.Errorf("got exit %d, %s", got.exit, got.stderr)
	}
}

func TestAFileThatIsTooLarge(t *testing.T) {
	t.Parallel()
	u := newTerminal(t)
	u.catalog()
	path := u.file("large.json", "{}")
	if err := os.Truncate(path, 64<<20+1); err != nil {
		t.Fatal(err)
	}
	if got := u.runWith(t.Context(), "tools", "import", "--from", path); got.exit != cli.ExitUsage || !strings.Contains(got.stderr, "64 MiB") {
		t.Errorf("got exit %d, %.200s", got.exit, got.stderr)
	}
}
