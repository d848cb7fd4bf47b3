// Package rest is the HTTP face. It reads its routes and its OpenAPI document
// off the operations, assembles each request into one JSON object, has it
// carried out, and writes the result or a problem (RFC 9457).
//
// There is one page for people, on which whoever has a link decides about a step
// that asks for approval.
//
// It promises that every endpoint but health, metrics, that page and hooks, which
// verify themselves what they are sent, asks for a bearer token, that every answer
// has a request id and, but for metrics and the page, is JSON, that no path
// redirects, and that nothing a client sends is dropped in silence. What operations
// do, who a token belongs to and whether the store is ready are handed to it.
package rest

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/internal/op"
	"github.com/ordinaut/ordinaut/internal/telemetry"
)

// Options is what the face works with.
type Options struct {
	Ops          *op.Set
	Authenticate func(token string) (ordinaut.Agent, error)
	Ready        func(context.Context) error // nil error: the store can work
	Draining     func() bool                 // the server is stopping; nil is never
	Extras       []Extra                     // what it can do without, and health tells of
	Log          *slog.Logger                // nil logs nothing
	Version      string
	Metrics      *telemetry.Metrics // served at /metrics, and what is asked is counted in; nil is neither

	Guests *Guests // who may decide by a link; nil is nobody
	Inlet  Inlet   // takes in what is sent to hooks; nil takes nothing

	// Hosts are the names under which it may be asked, besides localhost and any
	// IP address; "*" is every name. A server on a loopback address leaves it
	// empty, so that a page that makes its own name resolve to this computer (DNS
	// rebinding) is refused.
	Hosts []string
}

// face is the handlers and what they share.
type face struct {
	Options
	mux     *http.ServeMux
	started time.Time
	seats   seats                     // of streams
	closing context.Context           // ends when the server closes, which no stream outlives
	openapi func() (documents, error) // written when it is first asked for: the start need not wait for it
}

// New returns the handler of the whole API. It panics when two operations claim
// the same route.
func New(o Options) http.Handler {
	f, closed := newFace(o)
	f.routes()
	return handler{f.observed(f.guarded(f.mux)), closed}
}

// Health returns the handler of a process that answers no requests, but tells how
// it does: health and metrics, and nothing else. It needs no operations.
func Health(o Options) http.Handler {
	o.Authenticate = func(string) (ordinaut.Agent, error) { return ordinaut.Agent{}, notHere() }
	f, closed := newFace(o)
	f.healthOnly()
	return handler{f.observed(f.guarded(f.mux)), closed}
}

func newFace(o Options) (f *face, closed func()) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	closing, closed := context.WithCancel(context.Background())
	f = &face{Options: o, mux: http.NewServeMux(), started: time.Now(), closing: closing}
	f.openapi = sync.OnceValues(f.describe)
	return f, closed
}

// handler is the handler of the whole API.
type handler struct {
	http.Handler
	closed func() // ends the answers that would last
}

// Server returns a server whose time-outs keep slow clients from holding it. The
// handler bounds the bodies itself, because answers may wait for long.
func Server(h http.Handler) *http.Server {
	s := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: limits.HeaderWait,
		IdleTimeout:       limits.IdleWait,
		MaxHeaderBytes:    limits.HeaderBytes,
	}
	if h, ok := h.(handler); ok {
		s.RegisterOnShutdown(h.closed)
	}
	return s
}
