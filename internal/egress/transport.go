package egress

import (
	"net/http"
	"net/http/httptrace"
	"net/url"

	"github.com/ordinaut/ordinaut"
)

// transport checks each request before it is sent, the redirected ones too,
// bounds its answer, and tells its errors in words that people can act on.
type transport struct {
	maxBytes  int64
	userAgent string
	next      *http.Transport
}

// RoundTrip sends one request.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := checkURL(req.URL); err != nil {
		if req.Body != nil {
			_ = req.Body.Close() // as the contract of RoundTrip asks for; nothing was written
		}
		return nil, err
	}
	if req.Header.Get("User-Agent") == "" {
		req = req.Clone(req.Context())
		req.Header.Set("User-Agent", t.userAgent)
	}
	connected := false
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connected = true }}
	req = req.WithContext(httptrace.WithClientTrace(req.Context(), trace))
	resp, err := t.next.RoundTrip(req)
	if err != nil && connected {
		err = unanswered(req, err)
	}
	if err != nil {
		return nil, unreached(req, err)
	}
	body := &boundedBody{ReadCloser: resp.Body, req: req, left: t.maxBytes, most: t.maxBytes}
	if req.Method != http.MethodHead && resp.ContentLength > t.maxBytes {
		_ = body.Close() // the answer is not wanted
		return nil, body.tooLarge()
	}
	resp.Body = body
	return resp, nil
}

// CloseIdleConnections closes the connections that are kept for later.
func (t *transport) CloseIdleConnections() { t.next.CloseIdleConnections() }

// checkURL says what is wrong with where a request is to go, before any name is
// looked up.
func checkURL(u *url.URL) *ordinaut.Error {
	e := &ordinaut.Error{Code: ordinaut.CodeEgressDenied, Examples: []string{"https://api.example.com/items"}}
	switch {
	case u.Scheme == "":
		e.Code, e.Message, e.Fix = ordinaut.CodeFieldValue, "the URL has no scheme", "begin it with https://"
	case u.Scheme != "http" && u.Scheme != "https":
		e.Sent, e.Message, e.Fix = u.Scheme, "only http and https may be used, not "+u.Scheme, "give a URL that begins with https://"
	case u.Hostname() == "":
		e.Code, e.Message, e.Fix = ordinaut.CodeFieldValue, "the URL names no host", "give a URL with a host after https://"
	case u.User != nil:
		e.Sent, e.Message = u.Hostname(), "the URL has a user name before its host, "+u.Hostname()
		e.Fix = "send credentials in the header Authorization; elsewhere in a URL, write @ as %40"
	default:
		return nil
	}
	return e
}
