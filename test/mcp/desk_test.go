package mcp

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/ordinaut/ordinaut/test/realtest"
)

// desk is the catalog entry of a server of the program desk that works on the
// folder.
func desk(t *testing.T, server, folder string) map[string]any {
	t.Helper()
	return map[string]any{"command": realtest.Build(t, "./desk"), "args": []string{server, folder}}
}

// received is a call as the server that received it wrote it down.
type received struct {
	Tool      string
	Arguments json.RawMessage
	Meta      map[string]any
}

// key is what every attempt of the step that made the call has in common: the
// id of the run and the path of the step.
func (r received) key() string {
	key, _ := r.Meta["ordinaut/idempotency-key"].(string)
	return key
}

// calls reads what a server of the program desk has received.
func calls(t *testing.T, folder, server string) []received {
	t.Helper()
	return readLines[received](t, filepath.Join(folder, server+".calls.jsonl"))
}

// readLines reads a file with a JSON value in each line.
func readLines[T any](t *testing.T, path string) []T {
	t.Helper()
	var all []T
	for line := range bytes.Lines(readFile(t, path)) {
		var one T
		if err := json.Unmarshal(line, &one); err != nil {
			t.Fatalf("%s: %v in %.2000s", path, err, line)
		}
		all = append(all, one)
	}
	return all
}
