package services

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Redis is the Redis that the tests of this process share. It runs until the
// process ends.
func Redis(t testing.TB) *Server {
	t.Helper()
	s, err := sharing().redis()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// NewRedis starts a Redis for one test, at whose end it is gone. A Durable one
// writes every change to the disk before it answers; a Fast one keeps nothing and
// is empty after each start.
func NewRedis(t testing.TB, safety Safety) *Server {
	t.Helper()
	s, err := launchRedis(safety)
	if err != nil {
		t.Fatal(err)
	}
	return s.endWith(t)
}

// Wipe kills the server and takes its data away, as a machine does that is lost.
// Start starts it empty.
func (s *Server) Wipe(t testing.TB) {
	t.Helper()
	s.end(t, syscall.SIGKILL)
	if err := os.RemoveAll(filepath.Join(s.Dir, "data")); err != nil {
		t.Fatal(err)
	}
}

// redis is a Redis as a program.
type redis struct {
	path   string
	safety Safety
}

func launchRedis(safety Safety) (*Server, error) {
	path, err := exec.LookPath("redis-server")
	if err != nil {
		return nil, fmt.Errorf("find Redis: %w: run make services", err)
	}
	return launch("redis", redis{path, safety})
}

func (r redis) arguments(s *Server) []string {
	args := []string{
		r.path, "--bind", "127.0.0.1", "--port", strconv.Itoa(s.Port), "--dir", filepath.Join(s.Dir, "data"),
		"--save", "", "--databases", "1000",
	}
	if r.safety == Durable {
		args = append(args, "--appendonly", "yes", "--appendfsync", "always")
	}
	return args
}

func (redis) prepare(s *Server) error {
	data := filepath.Join(s.Dir, "data")
	if err := os.Mkdir(data, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	return s.user.own(data)
}

func (redis) address(s *Server) string { return fmt.Sprintf("redis://127.0.0.1:%d/0", s.Port) }

// check says hello in the protocol's form for people.
func (redis) check(ctx context.Context, s *Server) error {
	conn, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(s.Port)))
	if err != nil {
		return err
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Second)) // a connection that is there takes one
	if _, err := fmt.Fprint(conn, "PING\r\n"); err != nil {
		return err
	}
	answer, err := bufio.NewReader(conn).ReadString('\n')
	if err == nil && strings.TrimSpace(answer) != "+PONG" {
		err = errors.New(strings.TrimSpace(answer))
	}
	return err
}
