//go:build !unix

package spawn

import (
	"context"
	"os/exec"
	"slices"
)

// tree is a child without a keeper: what the child starts is left to itself.
type tree struct {
	child *exec.Cmd
	lost  bool // never
}

func plant(ctx context.Context, path string, c Command, _ string, theirs stdio) (*tree, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	child := &exec.Cmd{
		Path: path, Args: append([]string{c.Path}, c.Args...),
		Dir: c.Dir, Env: slices.Concat([]string{}, c.Env), // nil would be ours
		Stdin: theirs.in, Stdout: theirs.out, Stderr: theirs.err,
	}
	return &tree{child: child}, child.Start()
}

// ask cannot ask; the end of the standard input was the question.
func (t *tree) ask() {}

func (t *tree) kill() { _ = t.child.Process.Kill() }

func (t *tree) wait() error {
	if err := t.child.Wait(); err != nil {
		return ended("ended: " + err.Error())
	}
	return nil
}

// Main has nothing to do where there are no keepers.
func Main() {}
