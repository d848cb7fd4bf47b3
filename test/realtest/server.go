package realtest

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// Options say how a server is started.
type Options struct {
	Dir   string         // its data folder, in which it also works; it carries on what is there
	Tools map[string]any // the MCP servers of its catalog file, by name; nil for no file
	Args  []string       // further arguments of "ordinaut dev"
	Env   []string       // NAME=value, besides our own environment
}

// Server is a running Ordinaut.
type Server struct {
	Client
	Dir string // its data folder

	t     testing.TB
	cmd   *exec.Cmd
	ended chan struct{}
	err   error // how it ended
	over  bool  // it was stopped or killed
}

// Start starts a server and returns when it is ready. A server that still runs
// when the test ends is stopped.
func Start(t testing.TB, options Options) *Server {
	t.Helper()
	s := &Server{t: t, Dir: options.Dir, ended: make(chan struct{})}
	_ = os.Remove(s.file("server.json")) // of a server that was killed
	s.cmd = exec.Command(Build(t, "../../cmd/ordinaut"), s.args(options)...)
	s.cmd.Dir = s.Dir
	s.cmd.Env = append(s.cmd.Environ(), options.Env...)
	log, err := os.OpenFile(s.file("log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	s.cmd.Stdout, s.cmd.Stderr = log, log
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		s.err = s.cmd.Wait()
		close(s.ended)
	}()
	t.Cleanup(func() {
		if !s.over {
			s.Stop()
		}
	})
	Await(t, Patience, "the server gets ready", s.ready)
	return s
}

// args are the arguments of the program. A catalog is written to a file first.
func (s *Server) args(options Options) []string {
	s.t.Helper()
	args := slices.Concat([]string{"dev", "--data-dir", s.Dir, "--listen", "127.0.0.1:0", "--timezone", "UTC"}, options.Args)
	if options.Tools == nil {
		return args
	}
	catalog, err := json.Marshal(map[string]any{"mcpServers": options.Tools})
	if err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(s.file("catalog.json"), catalog, 0o600); err != nil {
		s.t.Fatal(err)
	}
	return append(args, "--tools", s.file("catalog.json"))
}

func (s *Server) file(name string) string { return filepath.Join(s.Dir, name) }

// ready asks the server whether it can work, once it has said where it is.
func (s *Server) ready() bool {
	select {
	case <-s.ended:
		s.t.Fatal("the server ended before it was ready")
	default:
	}
	text, err := os.ReadFile(s.file("server.json"))
	if err != nil || json.Unmarshal(text, &s.Client) != nil {
		return false
	}
	key, err := os.ReadFile(s.file("admin.key"))
	if err != nil {
		return false
	}
	s.Key = strings.TrimSpace(string(key))
	res, err := http.Get(s.URL + "/readyz")
	if err != nil {
		return false
	}
	defer res.Body.Close()
	return res.StatusCode == http.StatusOK
}

// Log is all that the servers in the data folder have logged and printed.
func (s *Server) Log() string {
	s.t.Helper()
	text, err := os.ReadFile(s.file("log"))
	if err != nil {
		s.t.Error(err) // not Fatal: a subtest may ask
	}
	return string(text)
}

// Kill ends the server as a crash does.
func (s *Server) Kill() {
	s.t.Helper()
	if err := s.cmd.Process.Kill(); err != nil {
		s.t.Fatalf("kill the server: %v", err)
	}
	<-s.ended
	s.over = true
}

// Stop ends the server as an operator does. It fails the test when that does not
// end well, and prints the end of the log when the test has failed.
func (s *Server) Stop() {
	s.t.Helper()
	s.over = true
	if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
		s.t.Errorf("interrupt the server: %v", err)
	}
	select {
	case <-s.ended:
	case <-time.After(Patience):
		s.t.Error("the server does not stop")
		_ = s.cmd.Process.Kill()
		<-s.ended
	}
	if s.err != nil {
		s.t.Errorf("a stopped server ends with %v, want status 0", s.err)
	}
	if s.t.Failed() {
		log := s.Log()
		s.t.Logf("the server says:\n%s", log[max(0, len(log)-4000):])
	}
}
