package rest

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/telemetry"
)

// problem is the body of every error (RFC 9457).
type problem struct {
	Type      string        `json:"type" format:"uri" doc:"Names the error; constant for its code."`
	Title     string        `json:"title" doc:"What the code means."`
	Status    int           `json:"status" doc:"The HTTP status."`
	Detail    string        `json:"detail" doc:"What is wrong this time."`
	Instance  string        `json:"instance" format:"uri-reference" doc:"The path that was asked for."`
	Code      ordinaut.Code `json:"code" doc:"Stable; programs may switch on it."`
	Errors    []fault       `json:"errors" nullable:"false" doc:"Every fault that was found, with its place."`
	Fix       string        `json:"fix" doc:"What to do about it."`
	RequestID string        `json:"request_id" doc:"Under which the server's log knows it."`
	Retryable bool          `json:"retryable" doc:"Whether the same request may succeed later."`

	// What clients of the original project read, on its paths only.
	LegacyError string `json:"error,omitempty" doc:"The code, on paths without a version."`
	Message     string `json:"message,omitempty" doc:"The detail, on paths without a version."`
	Timestamp   string `json:"timestamp,omitempty" format:"date-time" doc:"When it happened, on paths without a version."`
}

// fault is one thing that is wrong with a request.
type fault struct {
	Code     ordinaut.Code   `json:"code" doc:"Stable; programs may switch on it."`
	Pointer  string          `json:"pointer" doc:"JSON Pointer into the request; empty is the whole."`
	Message  string          `json:"message" doc:"What is wrong."`
	Value    json.RawMessage `json:"value,omitempty" doc:"What was found there, cut when it is long."`
	Fix      string          `json:"fix" doc:"What to do about it."`
	Examples []string        `json:"examples,omitempty" nullable:"false" doc:"What would have been accepted."`
}

// typePrefix begins the type of every problem. It is a name, not a promise that
// something is served there.
const typePrefix = "https://ordinaut.dev/errors/"

// statusOf is the HTTP status of a code: that of its kind, but for the few that
// HTTP has a word of its own for.
func statusOf(c ordinaut.Code) int {
	switch c {
	case ordinaut.CodeRequestTooLarge:
		return http.StatusRequestEntityTooLarge
	case ordinaut.CodeRequestTooSlow:
		return http.StatusRequestTimeout
	case ordinaut.CodeUnsupportedMedia:
		return http.StatusUnsupportedMediaType
	case ordinaut.CodeMethodNotAllowed:
		return http.StatusMethodNotAllowed
	}
	switch c.Kind() {
	case ordinaut.KindMalformed:
		return http.StatusBadRequest
	case ordinaut.KindInvalid:
		return http.StatusUnprocessableEntity
	case ordinaut.KindUnauthorized:
		return http.StatusUnauthorized
	case ordinaut.KindDenied:
		return http.StatusForbidden
	case ordinaut.KindNotFound:
		return http.StatusNotFound
	case ordinaut.KindConflict:
		return http.StatusConflict
	case ordinaut.KindTooMany:
		return http.StatusTooManyRequests
	case ordinaut.KindUnavailable:
		return http.StatusServiceUnavailable
	default:
		return http.StatusInternalServerError
	}
}

// fail answers with a problem. The cause, which users are not shown, is logged
// when the fault is ours.
func (f *face) fail(w http.ResponseWriter, r *http.Request, err error) {
	e := ordinaut.AsError(err)
	if e.Code == ordinaut.CodeInternal && gone(r, err) {
		e = stopping(err)
	}
	p := newProblem(r, e)
	switch {
	case e.Kind() == ordinaut.KindInternal:
		f.Log.ErrorContext(r.Context(), "request failed", requestAttrs(r, p.Status, telemetry.Err(e))...)
	case p.Status == http.StatusServiceUnavailable && e.Err != nil:
		f.Log.WarnContext(r.Context(), "request not possible now", requestAttrs(r, p.Status, telemetry.Err(e))...)
	}
	if p.Status == http.StatusUnauthorized || e.Code == ordinaut.CodeAuthScope {
		w.Header().Set("WWW-Authenticate", challenge(e.Code))
	}
	writeProblem(w, p, e.RetryAfter)
}

// gone says whether the request itself was called off: its client has left, or
// the server is stopping.
func gone(r *http.Request, err error) bool {
	return r.Context().Err() != nil && (errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded))
}

func stopping(err error) *ordinaut.Error {
	return &ordinaut.Error{
		Code:       ordinaut.CodeUnavailable,
		Message:    "the request was called off before it was answered",
		Fix:        "send it again in a moment",
		RetryAfter: time.Second,
		Err:        err,
	}
}

func newProblem(r *http.Request, e *ordinaut.Error) problem {
	p := problem{
		Type:      typePrefix + string(e.Code),
		Title:     e.Code.Info().Title,
		Status:    statusOf(e.Code),
		Detail:    e.Message,
		Instance:  head(r.URL.EscapedPath()),
		Code:      e.Code,
		Fix:       e.Fix,
		RequestID: requestID(r),
		Retryable: e.Retryable(),
	}
	for _, one := range e.All() {
		p.Errors = append(p.Errors, fault{
			Code: one.Code, Pointer: one.At, Message: one.Message,
			Value: shown(one.Sent), Fix: one.Fix, Examples: one.Examples,
		})
	}
	if legacy(r.URL.Path) {
		p.LegacyError, p.Message, p.Timestamp = string(e.Code), e.Message, timestamp()
	}
	return p
}

func writeProblem(w http.ResponseWriter, p problem, retryAfter time.Duration) {
	if retryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int((retryAfter+time.Second-1)/time.Second)))
	}
	body, _ := encode(p) // nothing in it can fail to marshal
	write(w, p.Status, "application/problem+json", body)
}

// shownBytes is how much of a value is echoed.
const shownBytes = 200

// shown is a value as it is echoed: itself when it is short, otherwise the
// beginning of its text.
func shown(v any) json.RawMessage {
	if v == nil {
		return nil
	}
	if text, ok := v.(string); ok {
		return quoted(cut(text))
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	if len(raw) > shownBytes {
		return quoted(cut(string(raw)))
	}
	return raw
}

// cut shortens a text to what is echoed, and shows that it did.
func cut(text string) string {
	if short := head(text); short != text {
		return short + "…"
	}
	return text
}

// head is the beginning of a text, as much of it as is echoed.
func head(text string) string {
	if len(text) <= shownBytes {
		return text
	}
	end := shownBytes
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end]
}

func timestamp() string { return time.Now().UTC().Format(time.RFC3339Nano) }
