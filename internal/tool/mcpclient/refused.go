package mcpclient

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/tool"
)

// mostRefusal of a response that is not 2xx is read.
const mostRefusal = 64 << 10

// errSessionGone marks the end of a session that the server knows no more. It has
// not looked at the request.
var errSessionGone = errors.New("the session is gone")

// statusError is a response that is not 2xx.
type statusError struct {
	status int
	after  time.Duration // after which to try again, if it says so
	said   string
}

// Error tells the status, with the beginning of what the server said.
func (e *statusError) Error() string {
	text := fmt.Sprintf("HTTP %d %s", e.status, http.StatusText(e.status))
	if e.said != "" {
		text += ": " + e.said
	}
	return text
}

// refused handles a response that is not 2xx. The SDK is to see it when it
// carries an error of the protocol, when the request was for something that
// servers need not offer, and when it has to be followed; everything else is an
// error of this request alone.
func (l *lane) refused(r *http.Request, resp *http.Response) (*http.Response, error) {
	data, _ := readAll(resp, mostRefusal)
	if r.Method != http.MethodPost || resp.Header.Get("Location") != "" {
		return resp, nil
	}
	if r.Header.Get("Mcp-Session-Id") != "" && forgotten(resp.StatusCode, data) {
		l.gate.failed(&ordinaut.Error{
			Code:    ordinaut.CodeToolEnded,
			Message: "has forgotten the session",
			Fix:     "try again",
			Err:     errSessionGone,
		})
	} else if m := l.wireError(data); m != nil {
		return resp, refill(resp, m)
	}
	seconds, _ := strconv.Atoi(resp.Header.Get("Retry-After"))
	return nil, &statusError{
		status: resp.StatusCode,
		after:  time.Duration(min(max(seconds, 0), 3600)) * time.Second,
		said:   cut(strings.Join(strings.Fields(strings.ToValidUTF8(string(data), "�")), " "), 300),
	}
}

// forgotten says whether a response means that the server knows the session no
// more. The protocol has a status for it, but many servers are made after an
// example that answers 400 and explains itself in words.
func forgotten(status int, body []byte) bool {
	return status == http.StatusNotFound ||
		status == http.StatusBadRequest && bytes.Contains(bytes.ToLower(body), []byte("session id"))
}

// wireError is the error of the protocol in a body, if there is one.
func (l *lane) wireError(data []byte) jsonrpc.Message {
	if len(data) > mostRefusal || !looksLikeMessage(data) {
		return nil
	}
	probe := gate{heard: l.gate.heard, noise: func([]byte) {}, failed: func(error) {}}
	messages, err := probe.pass(data)
	if err != nil || len(messages) != 1 {
		return nil
	}
	if answer, ok := messages[0].(*jsonrpc.Response); ok && answer.Error != nil {
		return answer
	}
	return nil
}

// unreachable is the failure of a request that got no answer of the protocol.
func (s *session) unreachable(err *url.Error) error {
	if fault := s.why(); fault != nil {
		return s.failure(fault)
	}
	e := &ordinaut.Error{
		Code:    ordinaut.CodeToolUnavailable,
		Message: fmt.Sprintf("the server %s cannot be reached: %s", s.name, cut(err.Err.Error(), mostMessage)),
		Fix:     "make sure that it runs at the url of the catalog file",
		Err:     err,
	}
	lost, ok := errors.AsType[*net.OpError](err)
	doubt := !ok || lost.Op != "dial"
	if refused, ok := errors.AsType[*statusError](err); ok {
		e.Message = fmt.Sprintf("the server %s refused the request: %s", s.name, refused)
		e.Fix, e.RetryAfter, doubt = refused.fix(), refused.after, refused.doubt()
	}
	if told, ok := errors.AsType[*ordinaut.Error](err); ok {
		e, doubt = named(s.name, told), false
	}
	return &tool.Failure{Class: ordinaut.ClassUnavailable, Doubt: doubt, Err: e}
}

// doubt says whether the status leaves open what became of the request: a gateway
// does not know it, and a success that is not told in the protocol says nothing.
func (e *statusError) doubt() bool {
	return e.status < 300 || e.status == http.StatusBadGateway || e.status == http.StatusGatewayTimeout
}

// fix says what to do about a status.
func (e *statusError) fix() string {
	switch {
	case e.status == http.StatusUnauthorized || e.status == http.StatusForbidden:
		return "check the headers of the server in the catalog file, such as its Authorization"
	case e.status == http.StatusTooManyRequests || e.status >= 500:
		return "try again later"
	}
	return "check the url of the server in the catalog file"
}
