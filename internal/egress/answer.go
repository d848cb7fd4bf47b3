package egress

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/jsonguard"
)

// Answer is an answer that was read to its end.
type Answer struct {
	URL    *url.URL // where it came from, after all redirects
	Status int
	Header http.Header
	Body   []byte
}

// Value is the answer as a JSON value with status, headers (by name in lower
// case), body and url. The body is the value that JSON stands for, when it is
// sound and called JSON; null when there is none; and otherwise text. One that is
// no text is in base64, and the field encoding says so.
func (a *Answer) Value() map[string]any {
	headers := make(map[string]any, len(a.Header))
	for name, values := range a.Header {
		headers[strings.ToLower(name)] = strings.ToValidUTF8(strings.Join(values, ", "), "\uFFFD")
	}
	value := map[string]any{"status": a.Status, "headers": headers, "url": a.URL.String()}
	body, isJSON := a.json()
	switch {
	case isJSON:
		value["body"] = body
	case len(a.Body) == 0:
		value["body"] = nil
	case utf8.Valid(a.Body):
		value["body"] = string(a.Body)
	default:
		value["body"], value["encoding"] = base64.StdEncoding.EncodeToString(a.Body), "base64"
	}
	return value
}

// json is the value of a body that is called JSON and is sound.
func (a *Answer) json() (value any, ok bool) {
	media, _, _ := mime.ParseMediaType(a.Header.Get("Content-Type"))
	if media != "application/json" && media != "text/json" && !strings.HasSuffix(media, "+json") {
		return nil, false
	}
	text := bytes.TrimPrefix(a.Body, []byte("\uFEFF"))
	if jsonguard.Check(text, jsonguard.Limits{}) != nil {
		return nil, false
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return value, d.Decode(&value) == nil
}

// OK reports whether the status is a success.
func (a *Answer) OK() bool { return 200 <= a.Status && a.Status <= 299 }

// Refusal is the error that says that the answer is not the one that was wanted.
// Its code is egress.busy or egress.too_many_requests, which may pass by
// themselves, or tool.failed. It names the
// host only, since a path and a query may hold secrets.
func (a *Answer) Refusal() *ordinaut.Error {
	e := &ordinaut.Error{
		Code:    ordinaut.CodeToolFailed,
		Sent:    a.Status,
		Message: strings.TrimSpace(fmt.Sprintf("%s answered %d %s", a.URL.Host, a.Status, http.StatusText(a.Status))),
		Fix:     a.fix(),
	}
	if a.busy() {
		e.Code = ordinaut.CodeEgressBusy
		e.RetryAfter = retryAfter(a.Header.Get("Retry-After"), time.Now())
	}
	if a.Status == http.StatusTooManyRequests {
		e.Code = ordinaut.CodeEgressTooMany
	}
	if beginning := a.beginning(); beginning != "" {
		e.Message += ": " + beginning
	}
	return e
}

// busy reports whether the same request may be answered later.
func (a *Answer) busy() bool {
	switch a.Status {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return true
	}
	return a.Status >= 500
}

func (a *Answer) fix() string {
	switch {
	case a.Status == http.StatusUnauthorized, a.Status == http.StatusForbidden:
		return "check the credentials that are sent, and what they may do"
	case a.Status == http.StatusNotFound, a.Status == http.StatusGone:
		return "check the path of the URL"
	case a.Status == http.StatusMethodNotAllowed:
		return "use another method" + named(", one of ", a.Header.Get("Allow"))
	case a.Status == http.StatusTooManyRequests:
		return "ask less often"
	case a.busy():
		return "try again later; if it stays, ask whoever runs the server"
	case 300 <= a.Status && a.Status <= 399:
		to, _, _ := strings.Cut(a.Header.Get("Location"), "?")
		return "ask where it points to" + named(", ", to) + ", or let redirects be followed"
	}
	return "mend what the answer says about the request"
}

// named adds what a header says, if it says anything.
func named(before, value string) string {
	if value = printable(value); value == "" {
		return ""
	}
	return before + value
}

// beginning is the first of the body, for a message.
func (a *Answer) beginning() string {
	if !utf8.Valid(a.Body) {
		return ""
	}
	return printable(string(a.Body))
}

// printable is text on one line, cut to what is read in a message, without
// characters that hide or rearrange others.
func printable(text string) string {
	const most = 300
	kept := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsPrint(r):
			return r
		}
		return -1
	}, text[:min(len(text), 4*most)])
	runes := []rune(strings.Join(strings.Fields(kept), " "))
	if len(runes) > most || len(text) > 4*most {
		return string(runes[:min(len(runes), most)]) + "…"
	}
	return string(runes)
}

// retryAfter is the wait that the header Retry-After asks for: seconds, or a
// date (RFC 9110, section 10.2.3).
func retryAfter(value string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if date, err := http.ParseTime(value); err == nil {
		return max(date.Sub(now), 0)
	}
	return 0
}
