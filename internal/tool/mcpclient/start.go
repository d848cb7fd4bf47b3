package mcpclient

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// link is a way to a server that was just opened.
type link struct {
	transport mcp.Transport
	where     string                // the process, or the URL
	ended     <-chan struct{}       // closed when the process has ended; nil without one
	epitaph   func() string         // how it ended, with its last words
	abort     func()                // breaks off everything that waits
	stop      func(context.Context) // ends what was started; nothing is left when it returns
}

// dialer opens a link. What the server sends is to pass the gate, and what it
// says is told line by line.
type dialer func(ctx context.Context, g *gate, told func(line string)) (*link, error)

// start is a server that is being started, for all who wait for it.
type start struct {
	done chan struct{}
	err  error // once done is closed
}

// use gives f a live session, and another one when the server has forgotten the
// first before it looked at what f asked.
func use[T any](ctx context.Context, s *Server, f func(*session) (T, error)) (T, error) {
	for {
		session, err := s.acquire(ctx)
		if err != nil {
			var none T
			return none, err
		}
		value, err := f(session)
		if !errors.Is(err, errSessionGone) {
			return value, err
		}
	}
}

// acquire gives a live session, which has to be used once. It waits for one that
// is starting, and starts one when there is none.
func (s *Server) acquire(ctx context.Context) (*session, error) {
	for {
		session, starting, err := s.ready()
		if session != nil || err != nil {
			return session, err
		}
		select {
		case <-starting.done:
			if starting.err != nil {
				return nil, starting.err
			}
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// ready gives the live session, or else the start to wait for.
func (s *Server) ready() (*session, *start, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, nil, endedFault(s.config.Name, errClosing.Error())
	}
	if s.current != nil && s.current.take() {
		return s.current, nil, nil
	}
	if s.starting == nil {
		if left := s.rest.left(); left > 0 {
			return nil, nil, restingFault(s.config.Name, left, s.last)
		}
		s.begin()
	}
	return nil, s.starting, nil
}

// begin starts the server in the background, so that a caller who leaves does
// not stop it for the others.
func (s *Server) begin() {
	s.starting = &start{done: make(chan struct{})}
	s.since = time.Now()
	s.starts++
	previous := s.current
	s.work.Go(func() {
		ctx, cancel := context.WithTimeout(s.life, cmp.Or(s.config.StartTimeout, limits.ToolStart))
		defer cancel()
		if previous != nil {
			previous.wait(ctx) // two of one server might want the same file
		}
		session, err := s.connect(ctx)
		s.started(session, err)
	})
}

// connect makes a session. A server that dies of the words of the latest
// revision is greeted once more as servers were greeted before it.
func (s *Server) connect(ctx context.Context) (*session, error) {
	s.mu.Lock()
	legacy := s.legacy
	s.mu.Unlock()
	session, err := s.greet(ctx, legacy)
	if err == nil || legacy || !errors.Is(err, errDied) {
		return session, err
	}
	session, second := s.greet(ctx, true)
	if second != nil {
		return nil, err
	}
	s.mu.Lock()
	s.legacy = true
	s.mu.Unlock()
	return session, nil
}

// started tells everybody who waits how the start went.
func (s *Server) started(session *session, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	starting := s.starting
	s.starting, s.since = nil, time.Now()
	defer close(starting.done)
	if err != nil {
		starting.err, s.last = err, err
		s.rest.failed(0)
		return
	}
	s.current = session
	if s.closed {
		session.over(errClosing)
	}
	session.idle.Reset(limits.ToolIdle)
	s.work.Go(func() { session.watch(s.ended) })
	s.relistSoon() // a new process may have other tools
}

// ended notes that a session is over. That it broke in the middle of calls may
// happen once, and is mended by the next start; a server that does nothing else
// any more has to rest.
func (s *Server) ended(calls int, fault error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.since = time.Now()
	if calls > 0 && !errors.Is(fault, errClosing) {
		s.last = fault
		s.rest.failed(1)
	}
}

// recovered notes that the server has answered a call.
func (s *Server) recovered() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rest = rest{}
}
