// Package spawn starts child processes that cannot outlive us. Between us and
// the child stands a keeper, our own binary started again, which holds a pipe to
// us: when the pipe closes, for whatever reason, the keeper ends the child and
// everything that the child has started. It promises that after Stop, and after
// our death by kill -9, no process is left, and that the child gets nothing of
// ours but what Command says; what is said over the child's standard input and
// output is left to others.
//
// On Linux the keeper adopts what its child abandons, so that a process that
// has left its group and its session is found as well. Elsewhere on Unix the
// child's process group is ended, and on Windows the child alone. Should the
// keeper itself be killed, the child dies with it (on Linux) and we end its
// process group; what has left the group then lives on. A child runs with our
// rights: it is kept in order, not in a sandbox.
package spawn

import (
	"context"
	"io"
	"os"
	"time"

	"github.com/ordinaut/ordinaut/internal/limits"
)

// Command is a program to start. There is no shell: the arguments arrive as they
// are.
type Command struct {
	Path   string    // looked up in PATH of Env when it has no separator
	Args   []string  // without the name of the program
	Dir    string    // "" is an empty folder of its own, removed in the end
	Env    []string  // all that the child gets
	Stderr io.Writer // is given what the child writes there, as it comes; nil is nobody
}

// Process is a child that was started. Whoever has one calls Stop in the end,
// also when the child has ended by itself.
type Process struct {
	Stdin  io.WriteCloser
	Stdout io.ReadCloser

	tree *tree
	dir  string // to be removed; "" is none
	done chan struct{}
	err  error // how it ended; set before done is closed
}

// Start starts a command. The context bounds the start only. That the program
// cannot be started is an *ordinaut.Error with the code tool.cannot_start.
func Start(ctx context.Context, c Command) (*Process, error) {
	path, err := find(c)
	if err != nil {
		return nil, err
	}
	p := &Process{done: make(chan struct{})}
	if c.Dir == "" {
		if p.dir, err = os.MkdirTemp("", "ordinaut-tool-"); err != nil {
			return nil, cannot("no folder could be made for it", "see that the folder for temporary files can be written to", err)
		}
		c.Dir = p.dir
	}
	if err := p.start(ctx, path, c); err != nil {
		p.removeDir()
		return nil, err
	}
	return p, nil
}

func (p *Process) start(ctx context.Context, path string, c Command) error {
	ours, theirs, err := pipes()
	if err != nil {
		return cannot("no pipe to it could be made", "close other programs, or raise the limit of open files", err)
	}
	p.tree, err = plant(ctx, path, c, p.dir, theirs)
	theirs.close()
	if err != nil {
		ours.close()
		return startFault(c.Path, err)
	}
	p.Stdin, p.Stdout = ours.in, ours.out
	go p.watch(ours, pour(ours.err, c.Stderr))
	return nil
}

// watch waits for the end of the child and of all that it has started.
func (p *Process) watch(ours stdio, poured <-chan struct{}) {
	defer close(p.done)
	p.err = p.tree.wait()
	if p.tree.lost {
		// What has survived the keeper may hold the pipes open for ever.
		ours.hangUp(time.Now().Add(limits.ToolStop))
	}
	<-poured
	p.removeDir()
}

func (p *Process) removeDir() {
	if p.dir != "" {
		// What cannot be removed lies among the temporary files, which the system
		// clears.
		_ = os.RemoveAll(p.dir)
	}
}

// Done is closed when the child has ended, and with it all that it has started.
func (p *Process) Done() <-chan struct{} { return p.done }

// Err says how the child ended, once Done is closed; nil for status 0. It is an
// *ordinaut.Error with the code tool.ended.
func (p *Process) Err() error {
	select {
	case <-p.done:
		return p.err
	default:
		return nil
	}
}

// Stop ends the child and all that it has started: its standard input is
// closed, then it is asked to end, then it is killed. It returns when nothing is
// left of it, and closes its standard output. When the context ends, the child
// is killed at once. Stopping twice is fine.
func (p *Process) Stop(ctx context.Context) error {
	defer p.Stdout.Close()
	_ = p.Stdin.Close() // closed before, or with a child that is gone
	if p.ends(ctx, limits.ToolStop) {
		return nil
	}
	p.tree.ask()
	if p.ends(ctx, limits.ToolStop) {
		return nil
	}
	p.tree.kill()
	if p.ends(context.WithoutCancel(ctx), killWait) {
		return nil
	}
	return unkillable()
}

// killWait is how long the system may take to end killed processes. It takes
// that long only for one that hangs inside the kernel, on a dead disk say.
const killWait = 10 * time.Second

// ends waits for the end of everything, and says whether it came.
func (p *Process) ends(ctx context.Context, wait time.Duration) bool {
	limit := time.NewTimer(wait)
	defer limit.Stop()
	select {
	case <-p.done:
		return true
	case <-ctx.Done():
	case <-limit.C:
	}
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}
