package mcpclient

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// discoverWait is how long a server may think about the first question of the
// latest revision. Older ones that do not know it may not answer at all.
const discoverWait = 5 * time.Second

// newClient is the SDK's client for one session. It offers servers nothing, asks
// nobody for the input that a server may want, and keeps no connection alive by
// itself.
func newClient(version string, s *session, changed func()) *mcp.Client {
	client := mcp.NewClient(&mcp.Implementation{Name: "ordinaut", Version: version}, &mcp.ClientOptions{
		Logger:         s.log,
		Capabilities:   &mcp.ClientCapabilities{},
		MultiRoundTrip: &mcp.MultiRoundTripOptions{Disabled: true},
		ToolListChangedHandler: func(context.Context, *mcp.ToolListChangedRequest) {
			s.gate.changed()
			changed()
		},
	})
	client.AddSendingMiddleware(func(next mcp.MethodHandler) mcp.MethodHandler {
		return func(ctx context.Context, method string, r mcp.Request) (mcp.Result, error) {
			if method == "server/discover" {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, discoverWait)
				defer cancel()
			}
			return next(ctx, method, r)
		}
	})
	return client
}

// modern says whether the session is one of the revisions without a handshake,
// where every request says for itself what it needs.
func (s *session) modern() bool {
	return s.sdk.InitializeResult().ProtocolVersion > lastWithHandshake
}

// do runs f, which talks to the SDK, and returns when f does, when the context
// ends, or when the session is over, whichever comes first: no server may hold a
// caller. It ends one use of the session.
func do[T any](ctx context.Context, s *session, f func(context.Context) (T, error)) (T, error) {
	type answer struct {
		value T
		err   error
	}
	defer s.leave()
	talk, cancel := context.WithCancel(context.WithoutCancel(ctx))
	answers := make(chan answer, 1)
	go func() {
		defer s.work.Done()
		value, err := f(talk)
		answers <- answer{value, err}
	}()
	var none T
	select {
	case a := <-answers:
		if a.err == nil {
			// A stream may go on for a moment after the answer in it, and its
			// connection serves the next call only when it came to its end.
			time.AfterFunc(limits.ToolAbandon, cancel)
			return a.value, nil
		}
		cancel()
		return none, s.explain(ctx, a.err)
	case <-s.broken:
		cancel()
		return none, s.explain(ctx, mcp.ErrConnectionClosed)
	case <-ctx.Done():
		cancel()
		s.doubt()
		return none, ctx.Err()
	}
}

// doubt follows a call that was given up: when the server does not answer a ping
// either, it hangs, and the next call gets a new one.
func (s *session) doubt() {
	if !s.doubting.CompareAndSwap(false, true) || !s.enter() {
		return
	}
	go func() {
		defer s.work.Done()
		defer s.doubting.Store(false)
		select {
		case <-time.After(limits.ToolAbandon):
		case <-s.broken:
			return
		}
		if !s.alive() {
			s.retire()
		}
	}()
}

// enter counts one more goroutine of the session, unless it is over.
func (s *session) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.ended {
		s.work.Add(1)
	}
	return !s.ended
}

// alive asks the server for a sign of life. That it refuses to give one is one.
func (s *session) alive() bool {
	ctx, cancel := context.WithTimeout(context.Background(), limits.ToolAbandon)
	defer cancel()
	if !s.enter() {
		return false
	}
	answered := make(chan error, 1)
	go func() {
		defer s.work.Done()
		answered <- s.sdk.Ping(ctx, nil)
	}()
	select {
	case err := <-answered:
		_, refused := errors.AsType[*jsonrpc.Error](err)
		return err == nil || refused
	case <-ctx.Done():
		return false
	case <-s.broken:
		return false
	}
}

// messageLine is a log message of a server as one text.
func messageLine(params json.RawMessage) string {
	var m struct {
		Level  string          `json:"level"`
		Logger string          `json:"logger"`
		Data   json.RawMessage `json:"data"`
	}
	_ = json.Unmarshal(params, &m) // what is not as it should be is left out
	text := string(m.Data)
	_ = json.Unmarshal(m.Data, &text) // a text stands without its quotes
	if m.Logger != "" {
		text = m.Logger + ": " + text
	}
	if m.Level != "" {
		text = m.Level + " " + text
	}
	return text
}

// progressLine is the progress of a call as one line, with the call's token.
func progressLine(params json.RawMessage) (token, line string) {
	var p struct {
		Token    any     `json:"progressToken"`
		Progress float64 `json:"progress"`
		Total    float64 `json:"total"`
		Message  string  `json:"message"`
	}
	_ = json.Unmarshal(params, &p) // what is not as it should be is left out
	line = fmt.Sprintf("progress %g", p.Progress)
	if p.Total != 0 {
		line += fmt.Sprintf(" of %g", p.Total)
	}
	if p.Message != "" {
		line += ": " + p.Message
	}
	return fmt.Sprint(p.Token), line
}
