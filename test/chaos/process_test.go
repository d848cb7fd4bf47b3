package chaos

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

	// What is killed is built anew, and a result of the last build must not be
	// taken for one of this: the test depends on what the binary is made of.
	_ "github.com/ordinaut/ordinaut/internal/server"
)

// build makes the binary that is to be broken.
func build(t *testing.T) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "ordinaut")
	if out, err := exec.Command("go", "build", "-o", bin, "github.com/ordinaut/ordinaut/cmd/ordinaut").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return bin
}

// process is a running server. What it logs is kept in a file.
type process struct {
	t   *testing.T
	cmd *exec.Cmd
	url string
	key string
	log *os.File
}

// start starts a server and returns when it is ready.
func start(t *testing.T, bin, dir string) *process {
	t.Helper()
	log, err := os.OpenFile(filepath.Join(dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	os.Remove(filepath.Join(dir, "server.json"))
	p := &process{t: t, log: log}
	p.cmd = exec.Command(bin, "dev", "--data-dir", dir, "--listen", "127.0.0.1:0", "--timezone", "UTC", "--log-level", "info")
	p.cmd.Stderr = log
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p.await(dir)
	return p
}

// await waits until the server says it can work.
func (p *process) await(dir string) {
	p.t.Helper()
	retry := time.NewTicker(5 * time.Millisecond)
	defer retry.Stop()
	limit := time.After(30 * time.Second)
	for {
		if p.find(dir) && p.ready() {
			return
		}
		select {
		case <-retry.C:
		case <-limit:
			p.kill()
			log, _ := os.ReadFile(filepath.Join(dir, "log"))
			p.t.Fatalf("the server did not get ready; it says:\n%s", tail(log))
		}
	}
}

func tail(log []byte) []byte { return log[max(0, len(log)-4000):] }

func (p *process) find(dir string) bool {
	text, err := os.ReadFile(filepath.Join(dir, "server.json"))
	if err != nil {
		return false
	}
	var address struct{ URL string }
	key, err := os.ReadFile(filepath.Join(dir, "admin.key"))
	p.key = strings.TrimSpace(string(key))
	if json.Unmarshal(text, &address) != nil || err != nil {
		return false
	}
	p.url = address.URL
	return true
}

func (p *process) ready() bool {
	res, err := http.Get(p.url + "/readyz")
	if err != nil {
		return false
	}
	defer res.Body.Close()
	return res.StatusCode == http.StatusOK
}

// kill ends the server as a crash does.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
	_ = p.log.Close()
}

// stop ends the server as an operator does, and returns its exit code.
func (p *process) stop() int {
	p.t.Helper()
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		p.t.Fatal(err)
	}
	_ = p.cmd.Wait()
	_ = p.log.Close()
	return p.cmd.ProcessState.ExitCode()
}

// post sends JSON and reads the answer into result.
func (p *process) post(path string, body, result any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	req, err := http.NewRequest(http.MethodPost, p.url+path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+p.key)
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
	if res.StatusCode >= 300 {
		return fmt.Errorf("POST %s: %s: %s", path, res.Status, answer)
	}
	return json.Unmarshal(answer, result)
}
