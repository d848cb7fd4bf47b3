package mcpclient

import (
	"context"
	"strings"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/spawn"
	"github.com/ordinaut/ordinaut/internal/toolfile"
)

// child is a server that is a program on this machine.
type child toolfile.Server

// dial starts the program.
func (c child) dial(ctx context.Context, g *gate, told func(string)) (*link, error) {
	words := &stderr{told: told}
	p, err := spawn.Start(ctx, spawn.Command{
		Path:   c.Command,
		Args:   c.Args,
		Dir:    c.Cwd,
		Env:    spawn.Environ(c.Env),
		Stderr: words,
	})
	if err != nil {
		return nil, err
	}
	pipe := newPipe(p.Stdin, p.Stdout, g)
	return &link{
		transport: pipe,
		where:     c.Command, // without its arguments, which may be secret
		ended:     p.Done(),
		epitaph:   func() string { return epitaph(p, words) },
		abort:     pipe.close,
		stop:      func(ctx context.Context) { _ = p.Stop(ctx) },
	}, nil
}

// epitaph says how a process ended, with its last words.
func epitaph(p *spawn.Process, words *stderr) string {
	if err := p.Err(); err != nil {
		return strings.TrimSpace(ordinaut.AsError(err).Message + "\n" + words.tail())
	}
	return words.tail()
}
