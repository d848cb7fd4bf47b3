// Package spawn starts child processes that cannot outlive us. Between us and
// the child stands a keeper, our own binary started again, which holds a pipe to
// us: when the pipe closes, for whatever reason, the keeper ends the child and
// everything that the child has started. It promises that after Stop, and after
// our death by kill -9, no process is left; what is said over the child's
// standard input and output is left to others.
package spawn

import (
	"context"
	"errors"
	"io"
)

// Command is a program to start. There is no shell: the arguments arrive as they
// are.
type Command struct {
	Path   string    // looked up in PATH of Env when it has no separator
	Args   []string  // without the name of the program
	Dir    string    // "" is an empty folder of its own
	Env    []string  // all that the child gets
	Stderr io.Writer // is given what the child writes there, as it comes
}

// Process is a child that was started.
type Process struct {
	Stdin  io.WriteCloser
	Stdout io.ReadCloser
}

// Start starts a command.
func Start(ctx context.Context, c Command) (*Process, error) {
	return nil, errors.New("not built yet")
}

// Stop ends the child and all that it has started: its standard input is
// closed, then it is asked to end, then it is killed. It returns when nothing is
// left of it. Stopping twice is fine.
func (p *Process) Stop(ctx context.Context) error { return nil }

// Done is closed when the child has ended.
func (p *Process) Done() <-chan struct{} { return nil }

// Err says how the child ended, once Done is closed; nil for status 0.
func (p *Process) Err() error { return nil }

// Main is the keeper. It must be the first thing that main and TestMain call:
// in a process that was started as a keeper it does its work and exits, in any
// other it returns at once.
func Main() {}
