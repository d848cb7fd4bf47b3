package mcp

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// patience is how long anything may take on a busy machine.
const patience = time.Minute

// instance is a running Ordinaut with its own data folder.
type instance struct {
	t      *testing.T
	folder string
	url    string
	key    string
}

// start starts the server with these MCP servers in its catalog, and stops it
// when the test ends.
func start(t *testing.T, servers map[string]any) *instance {
	t.Helper()
	o := &instance{t: t, folder: realPath(t, t.TempDir())}
	catalog := filepath.Join(o.folder, "catalog.json")
	writeJSON(t, catalog, map[string]any{"mcpServers": servers})
	cmd := exec.Command(program(t, "ordinaut"), "dev", "--data-dir", o.folder, "--listen", "127.0.0.1:0",
		"--timezone", "UTC", "--log-level", "info", "--tools", catalog)
	cmd.Dir = o.folder
	cmd.Env = append(os.Environ(), canary+"="+canary, "PWD="+o.folder)
	log, err := os.Create(o.logFile())
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		o.stop(cmd, ended)
		log.Close()
	})
	o.await(ended)
	return o
}

// canary is the name and the value of a variable in the server's environment
// that no tool may see.
const canary = "ORDINAUT_TEST_CANARY"

func (o *instance) logFile() string { return filepath.Join(o.folder, "log") }

// stop ends the server as an operator does.
func (o *instance) stop(cmd *exec.Cmd, ended <-chan error) {
	_ = cmd.Process.Signal(os.Interrupt)
	select {
	case err := <-ended:
		if err != nil {
			o.t.Errorf("the server ended with %v; it says:\n%s", err, o.said())
		}
	case <-time.After(patience):
		_ = cmd.Process.Kill()
		o.t.Errorf("the server did not stop; it says:\n%s", o.said())
	}
}

// await waits until the server says it can work.
func (o *instance) await(ended <-chan error) {
	o.t.Helper()
	retry := time.NewTicker(5 * time.Millisecond)
	defer retry.Stop()
	limit := time.After(patience)
	for !o.ready() {
		select {
		case <-retry.C:
		case err := <-ended:
			o.t.Fatalf("the server ended: %v; it says:\n%s", err, o.said())
		case <-limit:
			o.t.Fatalf("the server did not get ready; it says:\n%s", o.said())
		}
	}
}

func (o *instance) ready() bool {
	text, err := os.ReadFile(filepath.Join(o.folder, "server.json"))
	var running struct{ URL string }
	if err != nil || json.Unmarshal(text, &running) != nil {
		return false
	}
	key, err := os.ReadFile(filepath.Join(o.folder, "admin.key"))
	if err != nil {
		return false
	}
	o.url, o.key = running.URL, strings.TrimSpace(string(key))
	res, err := http.Get(o.url + "/readyz")
	if err != nil {
		return false
	}
	defer res.Body.Close()
	return res.StatusCode == http.StatusOK
}

// said is the end of what the server has logged.
func (o *instance) said() string {
	log, _ := os.ReadFile(o.logFile())
	return string(log[max(0, len(log)-4000):])
}

func writeJSON(t *testing.T, path string, value any) {
	t.Helper()
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetIndent("", "  ")
	if err := e.Encode(value); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}
