package mcpclient

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"time"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// lane is the way of the requests of one session. Every answer passes the gate
// before the SDK sees it.
type lane struct {
	*web
	gate *gate
	life context.Context // until the session is broken off
	base *http.Transport
}

// RoundTrip sends a request of the SDK.
func (l *lane) RoundTrip(r *http.Request) (*http.Response, error) {
	if !l.same(r.URL) {
		return nil, errors.New("the request leaves the origin of the server")
	}
	if isStanding(r) {
		return l.stand(r)
	}
	resp, err := l.send(r)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return l.refused(r, resp)
	}
	switch what := sent(r); {
	case what == aReply:
		l.gate.replied()
		return emptied(resp), nil
	case what == aNotification, r.Method == http.MethodDelete:
		return emptied(resp), nil
	}
	return l.guarded(resp)
}

// send sends a request with the configured headers. It is broken off with the
// session.
func (l *lane) send(r *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancel(r.Context())
	unhook := context.AfterFunc(l.life, cancel)
	r = r.Clone(ctx)
	for name, value := range l.headers {
		r.Header.Set(name, value)
	}
	resp, err := l.base.RoundTrip(r)
	if err != nil {
		unhook()
		cancel()
		return nil, err
	}
	resp.Body = &leash{resp.Body, func() { unhook(); cancel() }}
	return resp, nil
}

// streamWait is how long a server may think about whether it offers a stream of
// its own messages.
const streamWait = 5 * time.Second

// isStanding says whether a request asks for the stream on which a server sends
// what is no answer.
func isStanding(r *http.Request) bool {
	return r.Method == http.MethodGet && r.Header.Get("Last-Event-ID") == ""
}

// stand asks for the standing stream. Servers need not offer it; one that fails
// or hangs over it is taken for one that does not.
func (l *lane) stand(r *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancel(r.Context())
	hurry := time.AfterFunc(streamWait, cancel)
	resp, err := l.send(r.WithContext(ctx))
	if hurry.Stop() && err == nil && resp.StatusCode == http.StatusOK && mediaType(resp) == eventStream {
		stream := newEvents(&leash{resp.Body, cancel}, l.gate)
		stream.standsUntil = r.Context()
		resp.Body = stream
		return resp, nil
	}
	if err == nil {
		_ = resp.Body.Close()
	}
	cancel()
	return &http.Response{
		StatusCode: http.StatusMethodNotAllowed,
		Proto:      "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{}, Body: http.NoBody, Request: r,
	}, nil
}

// leash ends the context of a request with its body.
type leash struct {
	io.ReadCloser
	release func()
}

func (l *leash) Close() error {
	defer l.release()
	return l.ReadCloser.Close()
}

// guarded puts the gate between an answer and the SDK.
func (l *lane) guarded(resp *http.Response) (*http.Response, error) {
	switch kind := mediaType(resp); kind {
	case eventStream:
		resp.Body = newEvents(resp.Body, l.gate)
		return resp, nil
	case "application/json":
		return l.document(resp)
	default:
		_ = resp.Body.Close()
		return nil, &statusError{status: resp.StatusCode, said: fmt.Sprintf("the answer is of the type %q", cut(kind, 100))}
	}
}

const eventStream = "text/event-stream"

func mediaType(resp *http.Response) string {
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")) // a strange one is none
	return kind
}

// document reads an answer of one JSON document.
func (l *lane) document(resp *http.Response) (*http.Response, error) {
	data, err := readAll(resp, limits.ToolFrameBytes)
	if err != nil {
		return nil, err
	}
	if len(data) > limits.ToolFrameBytes {
		l.gate.failed(frameFault())
		return nil, frameFault()
	}
	messages, err := l.gate.pass(data)
	if err != nil {
		return nil, err
	}
	if len(messages) != 1 {
		fault := protocolFault(fmt.Sprintf("answers one request with %d messages", len(messages)))
		l.gate.failed(fault)
		return nil, fault
	}
	return resp, refill(resp, messages[0])
}

// emptied is a response whose body nobody reads.
func emptied(resp *http.Response) *http.Response {
	_ = resp.Body.Close()
	resp.Body, resp.ContentLength = http.NoBody, 0
	return resp
}

// readAll reads one byte more than the limit at most, and closes the body.
func readAll(resp *http.Response, limit int64) ([]byte, error) {
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	resp.Body, resp.ContentLength = http.NoBody, -1
	return data, err
}

// refill makes a message the body of a response.
func refill(resp *http.Response, m jsonrpc.Message) error {
	data, err := jsonrpc.EncodeMessage(m)
	if err != nil {
		return err
	}
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(data)), int64(len(data))
	resp.Header.Del("Content-Length")
	return nil
}
