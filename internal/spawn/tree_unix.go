//go:build unix

package spawn

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// tree is a child and all that it starts, held by its keeper. We speak to the
// keeper through a pipe of orders, whose end means kill, and hear from it through
// a pipe of reports.
type tree struct {
	keeper  *exec.Cmd
	orders  *os.File
	reports *os.File
	lines   *bufio.Scanner // of reports
	group   int            // the process group of the child
	lost    bool           // the keeper was killed; set by wait
}

// plant starts a keeper and, through it, the child. When ownDir is not empty,
// the keeper removes it in the end.
func plant(ctx context.Context, path string, c Command, ownDir string, theirs stdio) (*tree, error) {
	if isKeeper() {
		return nil, errNoKeeper // or each would start another
	}
	self, err := executable()
	if err != nil {
		return nil, err
	}
	hear, orders, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer hear.Close()
	reports, tell, err := os.Pipe()
	if err != nil {
		orders.Close()
		return nil, err
	}
	t := &tree{orders: orders, reports: reports, lines: bufio.NewScanner(reports)}
	t.keeper = &exec.Cmd{
		Path: self, Args: append([]string{keeperName, ownDir, path, c.Path}, c.Args...),
		Dir: c.Dir, Env: slices.Concat([]string{}, c.Env), // nil would be ours
		Stdin: theirs.in, Stdout: theirs.out, Stderr: theirs.err,
		ExtraFiles:  []*os.File{hear, tell},
		SysProcAttr: &syscall.SysProcAttr{Setsid: true}, // Ctrl-C on our terminal is for us
	}
	err = t.keeper.Start()
	tell.Close()
	if err != nil {
		orders.Close()
		reports.Close()
		return nil, err
	}
	return t, t.started(ctx)
}

// started waits until the child runs.
func (t *tree) started(ctx context.Context) error {
	running := context.AfterFunc(ctx, t.kill)
	word, number := t.report()
	if !running() {
		t.wait()
		return context.Cause(ctx)
	}
	switch word {
	case reportStarted:
		t.group = number
		return nil
	case reportFailed:
		t.wait()
		return syscall.Errno(number)
	}
	t.kill()
	return errors.Join(errNoKeeper, t.wait())
}

// report reads what the keeper says next; nothing when it has ended.
func (t *tree) report() (word string, number int) {
	if t.lines.Scan() {
		_, _ = fmt.Sscan(t.lines.Text(), &word, &number)
	}
	return word, number
}

// ask asks the child's process group to end.
func (t *tree) ask() { _, _ = t.orders.Write([]byte{orderAsk}) }

// kill ends the child and all that it has started. A keeper that the child has
// stopped would not hear it.
func (t *tree) kill() {
	_ = t.orders.Close()
	_ = t.keeper.Process.Signal(syscall.SIGCONT)
}

// wait waits until everything has ended, and says how the child did.
func (t *tree) wait() error {
	word, status := t.report()
	_ = t.keeper.Wait() // how it ends says nothing
	t.orders.Close()
	t.reports.Close()
	if word == reportEnded {
		return describe(syscall.WaitStatus(status))
	}
	t.lost = true
	if t.group > 0 {
		_ = syscall.Kill(-t.group, syscall.SIGKILL)
	}
	return ended("was ended, as the process that looks after it was killed")
}

// describe says how a process has ended.
func describe(status syscall.WaitStatus) error {
	switch {
	case status.Signaled():
		return ended("was ended by " + strings.TrimSpace(unix.SignalName(status.Signal())+" ("+status.Signal().String()+")"))
	case status.ExitStatus() != 0:
		return ended(fmt.Sprintf("ended with status %d", status.ExitStatus()))
	}
	return nil
}
