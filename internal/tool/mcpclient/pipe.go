package mcpclient

import (
	"bytes"
	"context"
	"errors"
	"io"
	"sync"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// pipe is a connection to a server over its standard input and output: one
// message a line. It is both the transport and the one connection of the SDK.
type pipe struct {
	gate  *gate
	in    lines
	queue []jsonrpc.Message // the rest of the last frame

	writing chan struct{} // holds one token while somebody writes
	out     io.Writer
	closed  chan struct{}
	close   func()
}

// newPipe speaks to whoever reads stdin and writes stdout.
func newPipe(stdin io.WriteCloser, stdout io.ReadCloser, g *gate) *pipe {
	p := &pipe{gate: g, in: newLines(stdout), writing: make(chan struct{}, 1), out: stdin, closed: make(chan struct{})}
	p.close = sync.OnceFunc(func() {
		close(p.closed)
		_ = stdin.Close()
		_ = stdout.Close()
	})
	return p
}

// Connect gives the connection to the SDK.
func (p *pipe) Connect(context.Context) (mcp.Connection, error) { return p, nil }

// SessionID is empty: a process is its own session.
func (p *pipe) SessionID() string { return "" }

// Read gives the next message that passes the gate.
func (p *pipe) Read(context.Context) (jsonrpc.Message, error) {
	for len(p.queue) == 0 {
		messages, err := p.frame()
		if err != nil {
			return nil, err
		}
		p.queue = messages
	}
	next := p.queue[0]
	p.queue = p.queue[1:]
	return next, nil
}

// frame reads one line.
func (p *pipe) frame() ([]jsonrpc.Message, error) {
	line, err := p.in.next(limits.ToolFrameBytes)
	line = bytes.TrimSpace(line)
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		return nil, p.failed(err)
	case len(line) == 0:
		return nil, err
	case looksLikeMessage(line):
		return p.gate.pass(line)
	}
	if err := p.gate.tolerate(line); err != nil {
		return nil, p.failed(err)
	}
	return nil, nil
}

// failed tells the gate of an error, unless we closed the pipe ourselves.
func (p *pipe) failed(err error) error {
	select {
	case <-p.closed:
		return io.EOF
	default:
		p.gate.failed(err)
		return err
	}
}

// Write sends a message. When the server does not read, it waits until the pipe
// is closed: half a message cannot be taken back.
func (p *pipe) Write(ctx context.Context, m jsonrpc.Message) error {
	data, err := jsonrpc.EncodeMessage(m)
	if err != nil {
		return err
	}
	select {
	case p.writing <- struct{}{}:
		defer func() { <-p.writing }()
	case <-ctx.Done():
		return ctx.Err()
	case <-p.closed:
		return io.ErrClosedPipe
	}
	if _, err = p.out.Write(append(data, '\n')); err != nil {
		return err
	}
	if _, reply := m.(*jsonrpc.Response); reply {
		p.gate.replied()
	}
	return nil
}

// Close ends both directions. The SDK calls it with a lock held, so it waits for
// nothing.
func (p *pipe) Close() error {
	p.close()
	return nil
}
