// Package mcpclient reaches tools that live in MCP servers, over standard input
// and output or Streamable HTTP, by the official Go SDK.
//
// It promises that a server is started when it is first needed, serves many
// calls at once in one session, is stopped when nobody needs it, and is left
// alone for a while when it keeps failing; that a call never outlives its
// context by more than a moment; and that nothing a server does harms more than
// its own calls: whatever it sends is bounded and guarded before the SDK sees
// it, and what it says goes to the log of the run in bounded lines. It offers
// servers nothing in return: no sampling, no roots, no elicitation. Which servers
// there are, what fits their tools and when to call again is left to others.
package mcpclient

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/tool"
	"github.com/ordinaut/ordinaut/internal/toolfile"
)

// Options is what the servers share.
type Options struct {
	Version string                      // of ours, told to servers
	Log     *slog.Logger                // nil logs nothing
	Changed func(tools []ordinaut.Tool) // is told the new list when it has changed after it was first listed
}

// Server is one MCP server, running or not. It is a transport of tools, and many
// goroutines may use it at once.
type Server struct {
	config  toolfile.Server
	options Options
	dial    dialer

	life context.Context // until Close
	end  context.CancelCauseFunc
	work sync.WaitGroup // goroutines of ours

	mu       sync.Mutex
	closed   bool
	current  *session // the last one, whether it still lives or not
	starting *start   // the next one, while it starts
	rest     rest
	since    time.Time // when it took its state
	last     error     // why it failed the last time
	legacy   bool      // it ends when it is asked in words of later revisions
	calls    int
	starts   int
	known    []ordinaut.Tool
	listed   bool // known was asked for at least once
	relist   *time.Timer
}

var _ tool.Transport = (*Server)(nil)

// errClosing is why a session ends when we do.
var errClosing = errors.New("the server is no longer needed")

// New makes a server of its configuration, in which no reference is left.
// Nothing is started before it is needed.
func New(config toolfile.Server, o Options) (*Server, error) {
	o.Log = cmp.Or(o.Log, slog.New(slog.DiscardHandler))
	if o.Changed == nil {
		o.Changed = func([]ordinaut.Tool) {}
	}
	s := &Server{config: config, options: o, since: time.Now()}
	if config.Kind == toolfile.HTTP {
		web, err := newWeb(config)
		if err != nil {
			return nil, err
		}
		s.dial = web.dial
	} else {
		s.dial = child(config).dial
	}
	s.life, s.end = context.WithCancelCause(context.Background())
	return s, nil
}

// Tools lists the tools of the server, and starts it when needed. What cannot be
// used is left out, with a warning in the log.
func (s *Server) Tools(ctx context.Context) ([]ordinaut.Tool, error) {
	tools, err := use(ctx, s, func(session *session) ([]ordinaut.Tool, error) { return s.list(ctx, session) })
	if err != nil {
		return nil, err
	}
	s.learn(tools)
	return tools, nil
}

// Close ends the server and everything that it has started. Calls under way
// fail. It returns early when the context ends.
func (s *Server) Close(ctx context.Context) error {
	s.mu.Lock()
	s.closed = true
	if s.relist != nil {
		s.relist.Stop()
	}
	if s.current != nil {
		s.current.over(errClosing)
	}
	s.mu.Unlock()
	s.end(errClosing)
	done := make(chan struct{})
	go func() { s.work.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
