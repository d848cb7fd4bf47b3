package egress

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strings"

	"github.com/ordinaut/ordinaut"
)

// Request is a request as people write one down.
type Request struct {
	Method string            // "" is GET
	URL    string            // http or https, without credentials
	Query  url.Values        // added to what the URL has
	Header map[string]string // by name, in any case
	Body   []byte
	Type   string // of the body, when the header does not say

	Key       string // that lets a server know the request again; "" is none
	KeyHeader string // takes the key; "" is Idempotency-Key, on POST and PATCH
}

// Send sends a request and reads its answer to the end, whatever its status is.
// The error is an *ordinaut.Error, with its place when it is in the request:
// /url, /method or below /headers; or the error of the context.
func Send(ctx context.Context, client *http.Client, r Request) (*Answer, error) {
	req, err := r.build(ctx)
	if err != nil {
		return nil, err
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, unreached(req, err)
	}
	defer func() { _ = resp.Body.Close() }() // it was read to its end, or its error is told
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, unreached(req, err)
	}
	return &Answer{URL: resp.Request.URL, Status: resp.StatusCode, Header: resp.Header, Body: body}, nil
}

// build makes the request, or tells everything that is wrong with it.
func (r Request) build(ctx context.Context) (*http.Request, error) {
	faults := checkHeader(r.Header)
	u, err := ParseURL(r.URL)
	if err != nil {
		faults.Add(ordinaut.AsError(err).Under("/url"))
	}
	if !isToken(cmp.Or(r.Method, http.MethodGet)) {
		faults.Add(&ordinaut.Error{
			Code:     ordinaut.CodeFieldValue,
			At:       "/method",
			Sent:     r.Method,
			Message:  fmt.Sprintf("%q is no HTTP method", r.Method),
			Fix:      "use a method such as GET or POST",
			Examples: []string{http.MethodGet, http.MethodPost},
		})
	}
	if err := faults.Err(); err != nil {
		return nil, err
	}
	if len(r.Query) > 0 {
		u.RawQuery = strings.TrimPrefix(u.RawQuery+"&"+r.Query.Encode(), "&")
	}
	req, err := http.NewRequestWithContext(ctx, r.Method, u.String(), bytes.NewReader(r.Body))
	if err != nil {
		return nil, fmt.Errorf("make the request: %w", err)
	}
	r.setHeader(req.Header)
	return req, nil
}

func (r Request) setHeader(h http.Header) {
	for name, value := range r.Header {
		h.Set(name, strings.TrimSpace(value))
	}
	if r.Type != "" && h.Get("Content-Type") == "" {
		h.Set("Content-Type", r.Type)
	}
	if name := r.keyHeader(); r.Key != "" && name != "" && h.Get(name) == "" {
		h.Set(name, headerText(r.Key))
	}
}

// keyHeader is the header that takes the key; "" is none.
func (r Request) keyHeader() string {
	if r.KeyHeader == "" && !repeatable(r.Method) {
		return "Idempotency-Key"
	}
	return r.KeyHeader
}

// repeatable says whether a method does the same however often it is sent, or
// changes nothing (RFC 9110, section 9.2.2).
func repeatable(method string) bool {
	return method != http.MethodPost && method != http.MethodPatch
}

// ParseURL reads where a request is to go, and says what is wrong with it.
func ParseURL(text string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(text))
	if err != nil {
		reason := "it is malformed"
		if bad, ok := errors.AsType[*url.Error](err); ok {
			reason = bad.Err.Error()
		}
		return nil, &ordinaut.Error{
			Code:     ordinaut.CodeFieldValue,
			Message:  "the URL cannot be read: " + reason,
			Fix:      "send a URL, with everything unusual in it percent-encoded",
			Examples: []string{"https://api.example.com/items?name=a%20b"},
		}
	}
	if fault := checkURL(u); fault != nil {
		return nil, fault
	}
	u.Fragment, u.RawFragment = "", "" // it is never sent
	return u, nil
}

// checkHeader says which headers cannot be sent.
func checkHeader(header map[string]string) (faults ordinaut.Errors) {
	for _, name := range slices.Sorted(maps.Keys(header)) {
		message, fix := wrongHeader(name, header[name])
		if message != "" {
			faults.Add(&ordinaut.Error{
				Code:    ordinaut.CodeFieldValue,
				At:      "/headers/" + ordinaut.PointerToken(name),
				Message: message,
				Fix:     fix,
			})
		}
	}
	return faults
}

func wrongHeader(name, value string) (message, fix string) {
	switch canonical := textproto.CanonicalMIMEHeaderKey(name); {
	case !isToken(name):
		return fmt.Sprintf("%q is no name of a header", name), "use letters, digits and hyphens"
	case strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }):
		return "the header " + name + " holds a line break or another control character", "send it on one line"
	case canonical == "Accept-Encoding":
		return "the header Accept-Encoding is not yours to send", "leave it out; compressed answers are asked for and read by themselves"
	case canonical == "Host":
		return "the header Host is not yours to send", "leave it out; it follows from the URL"
	case isHopByHop(canonical):
		return "the header " + name + " is not yours to send", "leave it out; it belongs to the connection"
	}
	return "", ""
}

// isHopByHop reports whether a header is about the connection and the framing
// of a message (RFC 9110, section 7.6.1), not about what is asked.
func isHopByHop(canonical string) bool {
	switch canonical {
	case "Connection", "Content-Length", "Expect", "Keep-Alive", "Te", "Trailer", "Transfer-Encoding", "Upgrade":
		return true
	}
	return strings.HasPrefix(canonical, "Proxy-")
}

// isToken reports whether a name consists of the characters that RFC 9110,
// section 5.6.2, gives to names.
func isToken(name string) bool {
	const others = "!#$%&'*+-.^_`|~"
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		letter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
		return !letter && !strings.ContainsRune(others, r)
	})
}
