package mcpclient

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// greet opens a link and shakes hands.
func (s *Server) greet(ctx context.Context, legacy bool) (*session, error) {
	session := newSession(s.config.Name, s.options.Log)
	link, err := s.dial(ctx, session.gate, session.told)
	if err != nil {
		return nil, startFault(s.config.Name, err.Error(), "", err)
	}
	session.link = link
	giveUp := context.AfterFunc(ctx, link.abort)
	client := newClient(s.options.Version, session, s.toolsChanged)
	greeting := &mcp.ClientSessionOptions{}
	if legacy {
		greeting.ProtocolVersion = lastWithHandshake
	}
	session.sdk, err = client.Connect(ctx, link.transport, greeting)
	if err == nil && giveUp() {
		return session, nil
	}
	err = s.whyNotStarted(ctx, session, err)
	link.abort()
	link.stop(context.WithoutCancel(ctx))
	return nil, err
}

// lastWithHandshake is the last revision that begins with initialize.
const lastWithHandshake = "2025-11-25"

// errDied marks a start that failed because the process ended.
var errDied = errors.New("the process has ended")

// whyNotStarted finds the best reason for a start that failed.
func (s *Server) whyNotStarted(ctx context.Context, session *session, err error) error {
	if fault := session.why(); fault != nil {
		return fault
	}
	link := session.link
	if link.ended != nil {
		select {
		case <-link.ended:
			return startFault(s.config.Name, "it ended before it answered", link.epitaph(), errDied)
		case <-time.After(lastWords):
		case <-ctx.Done():
		}
	}
	switch {
	case s.life.Err() != nil:
		return endedFault(s.config.Name, errClosing.Error())
	case ctx.Err() != nil:
		wait := cmp.Or(s.config.StartTimeout, limits.ToolStart)
		return startFault(s.config.Name, fmt.Sprintf("it did not answer within %s", wait), link.epitaph(), ctx.Err())
	}
	if unreached, ok := errors.AsType[*url.Error](err); ok {
		return session.unreachable(unreached)
	}
	if errors.Is(err, mcp.ErrConnectionClosed) {
		return startFault(s.config.Name, "it hung up before it answered", link.epitaph(), err)
	}
	return startFault(s.config.Name, err.Error(), link.epitaph(), err)
}
