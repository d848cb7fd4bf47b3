package services

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience is how long a server may take to start or to stop on a busy machine.
const patience = time.Minute

// Safety says what a server does with what it is given.
type Safety bool

// The safeties.
const (
	Fast    Safety = false // it may forget when the machine fails, as servers for tests may
	Durable Safety = true  // it writes what it has confirmed to the disk, as in production
)

// Server is a running PostgreSQL or Redis.
type Server struct {
	URL  string // for an administrator
	Dir  string // its folder, with its data and the file "log"; "" when it is not ours
	Port int

	program
	user  user
	mu    sync.Mutex
	cmd   *exec.Cmd
	ended chan struct{} // closed when cmd has ended; nil before the first start
}

// program is what makes a server the one or the other.
type program interface {
	// arguments are what it is started with: the program and the rest.
	arguments(s *Server) []string
	// prepare makes the data, when there is none.
	prepare(s *Server) error
	// address is its URL.
	address(s *Server) string
	// check says why it cannot be used yet.
	check(ctx context.Context, s *Server) error
}

// launch makes a server in a new folder and starts it, on another port should
// somebody take the one that was free a moment ago.
func launch(name string, p program) (*Server, error) {
	k, err := keeping()
	if err != nil {
		return nil, err
	}
	s := &Server{program: p}
	if s.user, err = serverUser(); err != nil {
		return nil, err
	}
	if s.Dir, err = k.folder(name, s.user); err != nil {
		return nil, err
	}
	for range 5 {
		if s.Port, err = freePort(); err != nil {
			return nil, err
		}
		s.URL = s.address(s)
		if err = s.start(); err == nil {
			return s, nil
		}
	}
	return nil, err
}

// freePort finds a port that nobody listens on. It lies below those that systems
// give to outgoing connections, so that it is still free when a server that was
// stopped is started again.
func freePort() (int, error) {
	for range 100 {
		port := 20_000 + rand.IntN(12_000)
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			return port, l.Close()
		}
	}
	return 0, errors.New("no free port between 20000 and 32000")
}

// Start starts a server again that was stopped or killed, with the data that it
// had, and returns when it can be used.
func (s *Server) Start(t testing.TB) {
	t.Helper()
	s.ours(t)
	if err := s.start(); err != nil {
		t.Fatal(err)
	}
}

func (s *Server) start() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.prepare(s); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := s.spawn(); err != nil {
		return err
	}
	retry := time.NewTicker(10 * time.Millisecond)
	defer retry.Stop()
	for {
		err := s.check(ctx, s)
		if err == nil {
			return nil
		}
		select {
		case <-s.ended:
			return fmt.Errorf("start %v: it has ended: %s", s.cmd.Args, s.lastWords())
		case <-ctx.Done():
			return fmt.Errorf("start %v: %w: %s", s.cmd.Args, err, s.lastWords())
		case <-retry.C:
		}
	}
}

// spawn starts the process and tells the keeper.
func (s *Server) spawn() error {
	k, err := keeping()
	if err != nil {
		return err
	}
	log, err := os.OpenFile(filepath.Join(s.Dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	args := s.arguments(s)
	cmd, ended := s.user.command(s.Dir, args[0], args[1:]...), make(chan struct{})
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return err
	}
	s.cmd, s.ended = cmd, ended
	go func() {
		_ = cmd.Wait() // how it ends is for the log to say
		close(ended)
	}()
	return k.note(s.Dir, cmd.Process.Pid)
}

// Stop stops the server as its operator does: PostgreSQL ends its connections and
// writes everything down (pg_ctl stop -m fast), Redis saves what it is to save.
func (s *Server) Stop(t testing.TB) {
	t.Helper()
	s.end(t, syscall.SIGINT)
}

// Abort stops PostgreSQL without a goodbye, so that it has to recover when it is
// started again (pg_ctl stop -m immediate).
func (s *Server) Abort(t testing.TB) {
	t.Helper()
	s.end(t, syscall.SIGQUIT)
}

// Kill ends the server as the system does that runs out of memory.
func (s *Server) Kill(t testing.TB) {
	t.Helper()
	s.end(t, syscall.SIGKILL)
}

func (s *Server) end(t testing.TB, signal os.Signal) {
	t.Helper()
	s.ours(t)
	if err := s.signal(signal); err != nil {
		t.Fatal(err)
	}
}

// signal sends a signal that ends the server, and waits for the end. A server that
// has ended already is left alone.
func (s *Server) signal(signal os.Signal) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended == nil {
		return nil
	}
	if err := s.cmd.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("send %v to %v: %w", signal, s.cmd.Args, err)
	}
	select {
	case <-s.ended:
	case <-time.After(patience):
		return fmt.Errorf("%v does not end on %v: %s", s.cmd.Args, signal, s.lastWords())
	}
	if k, err := keeping(); err == nil {
		k.forget(s.Dir)
	}
	return nil
}

// Signal sends the process of the server a signal that does not end it, such as to
// freeze it.
func (s *Server) Signal(t testing.TB, signal os.Signal) {
	t.Helper()
	s.ours(t)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.cmd.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
}

// ours refuses to touch a server that somebody else has started.
func (s *Server) ours(t testing.TB) {
	t.Helper()
	if s.Dir == "" {
		t.Fatalf("%s was not started by the tests", s.URL)
	}
}

// endWith ends the server at the end of a test, and shows its log when the test
// has failed.
func (s *Server) endWith(t testing.TB) *Server {
	t.Cleanup(func() {
		if err := s.signal(syscall.SIGQUIT); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("%v says:\n%s", s.cmd.Args, s.lastWords())
		}
		_ = os.RemoveAll(s.Dir) // what is left of it, the keeper removes
	})
	return s
}

// lastWords is the end of the log.
func (s *Server) lastWords() string {
	text, err := os.ReadFile(filepath.Join(s.Dir, "log"))
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-4000):])
}
