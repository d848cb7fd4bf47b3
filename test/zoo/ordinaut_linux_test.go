package zoo

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ordinaut/ordinaut"
	// What is tested is built anew, and a result of the last build must not be
	// taken for one of this: the test depends on what the binary is made of.
	_ "github.com/ordinaut/ordinaut/internal/server"
)

// build makes the server and the animals.
func build(t *testing.T, dir string) {
	t.Helper()
	const module = "github.com/ordinaut/ordinaut/"
	out, err := exec.Command("go", "build", "-o", dir+"/", module+"cmd/ordinaut", module+"test/zoo/animal").CombinedOutput()
	if err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	// The go command keeps the result of a test until a file that the test has
	// read changes: the sources of the animals count as such.
	sources, _ := filepath.Glob("animal/*.go")
	for _, source := range sources {
		if _, err := os.ReadFile(source); err != nil {
			t.Fatal(err)
		}
	}
}

// instance is a running server. What it logs is kept in a file.
type instance struct {
	t        *testing.T
	dir      string
	cmd      *exec.Cmd
	ended    chan error
	url, key string
}

// start starts a server with the tame animal and those of the cages in its
// catalog, and returns when it is ready.
func start(t *testing.T, bin, dir string, cages []cage) *instance {
	t.Helper()
	servers := map[string]any{"tame": serverEntry(bin, "tame")}
	for _, c := range cages {
		servers[c.name] = serverEntry(bin, c.name)
	}
	catalog, err := json.Marshal(map[string]any{"mcpServers": servers})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "zoo.json"), catalog, 0o600); err != nil {
		t.Fatal(err)
	}
	log, err := os.OpenFile(filepath.Join(dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	_ = os.Remove(filepath.Join(dir, "server.json")) // of a server that was killed
	o := &instance{t: t, dir: dir, ended: make(chan error, 1)}
	o.cmd = exec.Command(filepath.Join(bin, "ordinaut"), "dev", "--data-dir", dir, "--listen", "127.0.0.1:0",
		"--timezone", "UTC", "--tools", filepath.Join(dir, "zoo.json"))
	o.cmd.Stdout, o.cmd.Stderr = log, log
	if err := o.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { o.ended <- o.cmd.Wait() }()
	t.Cleanup(func() { _ = o.cmd.Process.Kill() })
	await(t, 30*time.Second, "the server gets ready", o.ready)
	return o
}

func serverEntry(bin, animal string) map[string]any {
	return map[string]any{"command": filepath.Join(bin, "animal"), "args": []string{animal}}
}

// await waits until something is so.
func await(t *testing.T, limit time.Duration, what string, so func() bool) (took time.Duration) {
	t.Helper()
	began, retry := time.Now(), time.NewTicker(5*time.Millisecond)
	defer retry.Stop()
	for !so() {
		if <-retry.C; time.Since(began) > limit {
			t.Fatalf("%s: not within %v", what, limit)
		}
	}
	return time.Since(began)
}

func (o *instance) ready() bool {
	text, err := os.ReadFile(filepath.Join(o.dir, "server.json"))
	var running struct{ URL string }
	if err != nil || json.Unmarshal(text, &running) != nil {
		return false
	}
	key, err := os.ReadFile(filepath.Join(o.dir, "admin.key"))
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

// run is what a run came to.
type run struct {
	ID         string
	Status     string
	ClaimedAt  time.Time `json:"claimed_at"`
	FinishedAt time.Time `json:"finished_at"`
	Error      *ordinaut.Failure
	Output     json.RawMessage
}

// code is the error of a run.
func (r run) code() ordinaut.Code {
	if r.Error == nil {
		return succeeded
	}
	return r.Error.Code
}

// stop stops the server as an operator does.
func (o *instance) stop() {
	o.t.Helper()
	if err := o.cmd.Process.Signal(os.Interrupt); err != nil {
		o.t.Fatal(err)
	}
	if err := <-o.ended; err != nil {
		o.t.Errorf("a stopped server ends with %v, want status 0", err)
	}
}

// task makes sure that there is a task of one step, which calls a tool. A server
// that knows better refuses.
func (o *instance) task(key, tool string, timeout time.Duration) error {
	return o.post("/v1/tasks", map[string]any{
		"key": key, "title": key, "schedule_kind": "manual", "max_retries": 0, "overlap": "allow",
		"payload": map[string]any{"pipeline": []any{map[string]any{
			"id": "call", "uses": tool, "timeout_seconds": timeout.Seconds(), "with": map[string]any{"text": "honest ${run.id}"},
		}}},
	}, &struct{}{})
}

// run runs a task and waits for the end.
func (o *instance) run(key string) (r run, err error) {
	return r, o.post("/v1/tasks/"+key+"/run", map[string]any{"wait_seconds": 60}, &r)
}

// post sends JSON and reads the answer. A refusal is an *ordinaut.Error.
func (o *instance) post(path string, body, result any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	req, err := http.NewRequest(http.MethodPost, o.url+path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+o.key)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode < 300 {
		return json.Unmarshal(answer, result)
	}
	var problem struct{ Code ordinaut.Code }
	_ = json.Unmarshal(answer, &problem) // what is no problem document has no code
	return &ordinaut.Error{Code: problem.Code, Message: fmt.Sprintf("%s: %s", res.Status, answer)}
}

// memory reads a line of the server's status, in bytes: VmRSS is what it uses,
// VmHWM the most that it has used.
func (o *instance) memory(line string) int64 {
	o.t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", o.cmd.Process.Pid))
	if err != nil {
		o.t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), line+":")
	var kilobytes int64
	if _, err := fmt.Sscan(rest, &kilobytes); err != nil {
		o.t.Fatalf("read %s: %v", line, err)
	}
	return kilobytes << 10
}

// log is what the server has logged.
func (o *instance) log() string {
	text, err := os.ReadFile(filepath.Join(o.dir, "log"))
	if err != nil {
		o.t.Fatal(err)
	}
	return string(text)
}

// alive lists the processes that have the folder of our binaries in their
// command line: animals and their keepers, and the server itself.
func alive(t *testing.T, bin string) (found []string) {
	t.Helper()
	lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines {
		if text, err := os.ReadFile(line); err == nil && bytes.Contains(text, []byte(bin)) {
			found = append(found, strings.ReplaceAll(string(text), "\x00", " "))
		}
	}
	return found
}
