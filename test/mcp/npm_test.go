package mcp

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestEveryToolOfServersThatOthersWrote calls each tool that the servers from npm
// list, through a pipeline of the real binary.
func TestEveryToolOfServersThatOthersWrote(t *testing.T) {
	t.Parallel()
	n, folder := fromNPM(t), realPath(t, t.TempDir())
	memory := n.server("memory")
	memory["env"] = map[string]string{"MEMORY_FILE_PATH": filepath.Join(folder, "memory.jsonl")}
	o := start(t, map[string]any{
		"everything": n.server("everything"),
		"remote":     map[string]any{"type": "http", "url": n.everythingOverHTTP(t)},
		"files":      n.server("filesystem", folder),
		"memory":     memory,
		"thinking":   n.server("sequential-thinking"),
	})
	for server, calls := range map[string][]call{
		"everything": everythingCalls(),
		"remote":     everythingCalls(),
		"files":      filesystemCalls(t, folder),
		"memory":     memoryCalls(),
		"thinking":   thinkingCalls(),
	} {
		t.Run(server, func(t *testing.T) {
			t.Parallel()
			o.callAll(t, server, calls)
		})
	}
}

// callAll makes the calls one after the other, and finds out whether they are all
// that the server offers.
func (o instance) callAll(t *testing.T, server string, calls []call) {
	t.Helper()
	listed, called := o.tools(t, server), map[string]bool{}
	for _, c := range calls {
		address := server + "." + c.tool
		called[address] = true
		t.Run(c.tool, func(t *testing.T) { c.check(t, o.call(t, address, c.with)) })
	}
	if diff := cmp.Diff(listed, slices.Sorted(maps.Keys(called))); diff != "" {
		t.Errorf("tools of %s (-listed +called):\n%s", server, diff)
	}
	t.Logf("%s: %d calls of %d tools", server, len(calls), len(called))
}

// realPath is a path without symbolic links: the filesystem server compares
// paths.
func realPath(t *testing.T, path string) string {
	t.Helper()
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func writeFile(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}
