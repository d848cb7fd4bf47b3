package egress

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ordinaut/ordinaut"
)

// bomb is a gigabyte of zeros in about a megabyte: gzip members in a row are
// one stream.
func bomb(t *testing.T) []byte {
	t.Helper()
	const member, members = 1 << 20, 1 << 10
	var one bytes.Buffer
	w := gzip.NewWriter(&one)
	if _, err := w.Write(make([]byte, member)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return bytes.Repeat(one.Bytes(), members)
}

func TestABombIsCutShort(t *testing.T) {
	t.Parallel()
	packed := bomb(t)
	server, allow := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(packed)
	})
	const most = 1 << 20
	client := reaching(t, Options{Allow: []string{allow}, MaxBytes: most}, liar)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := Send(t.Context(), client, Request{URL: server.URL})
	runtime.ReadMemStats(&after)
	if codeOf(t, err) != ordinaut.CodeEgressTooLarge {
		t.Errorf("got %v, want egress.too_large", err)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 64*most {
		t.Errorf("got %d bytes allocated for an answer of at most %d", used, most)
	}
}

func TestAnswersHaveABound(t *testing.T) {
	t.Parallel()
	const most = 1000
	for _, chunked := range []bool{false, true} {
		for size, fits := range map[int]bool{0: true, most - 1: true, most: true, most + 1: false, 10 * most: false} {
			t.Run(fmt.Sprintf("%d bytes, chunked %v", size, chunked), func(t *testing.T) {
				t.Parallel()
				server, allow := serve(t, func(w http.ResponseWriter, _ *http.Request) {
					if chunked {
						w.(http.Flusher).Flush()
					}
					_, _ = w.Write(make([]byte, size))
				})
				client := reaching(t, Options{Allow: []string{allow}, MaxBytes: most}, liar)
				answer, err := Send(t.Context(), client, Request{URL: server.URL})
				if fits && (err != nil || len(answer.Body) != size) {
					t.Errorf("got %v, want the answer", err)
				}
				if !fits && codeOf(t, err) != ordinaut.CodeEgressTooLarge {
					t.Errorf("got %v, want egress.too_large", err)
				}
			})
		}
	}
}

func TestAHeaderWithoutEndIsCutShort(t *testing.T) {
	t.Parallel()
	server, allow := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Long", strings.Repeat("x", 1<<20))
	})
	client := reaching(t, Options{Allow: []string{allow}}, liar)
	if _, err := Send(t.Context(), client, Request{URL: server.URL}); codeOf(t, err) != ordinaut.CodeEgressFailed {
		t.Errorf("got %v, want egress.failed", err)
	}
}

func TestAnAnswerThatBreaksOffIsNoAnswer(t *testing.T) {
	t.Parallel()
	server, allow := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, "half")
	})
	client := reaching(t, Options{Allow: []string{allow}}, liar)
	_, err := Send(t.Context(), client, Request{URL: server.URL})
	if codeOf(t, err) != ordinaut.CodeEgressFailed || ordinaut.AsError(err).Message != "the answer of "+allow+" broke off" {
		t.Errorf("got %v, want that it broke off", err)
	}
}

func TestTheBodyIsReadAsWhatItIs(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, contentType, body, want string }{
		{"JSON", "application/json", `{"id": 12345678901234567890, "a<b": 1.50}`, `{"id": 12345678901234567890, "a<b": 1.50}`},
		{"JSON with a charset", "application/json; charset=utf-8", `[1]`, `[1]`},
		{"JSON of some kind", "application/problem+json", `{"title":"x"}`, `{"title":"x"}`},
		{"JSON with a byte order mark", "text/json", "\uFEFF[1]", `[1]`},
		{"JSON that is broken", "application/json", `{"a":`, `"{\"a\":"`},
		{"JSON with a key twice", "application/json", `{"a":1,"a":2}`, `"{\"a\":1,\"a\":2}"`},
		{"JSON that is too deep", "application/json", strings.Repeat("[", 65) + strings.Repeat("]", 65), `"` + strings.Repeat("[", 65) + strings.Repeat("]", 65) + `"`},
		{"JSON that is called text", "text/plain", `[1]`, `"[1]"`},
		{"text", "text/html", "<p>Grüße</p>", `"<p>Grüße</p>"`},
		{"nothing", "text/plain", "", `null`},
		{"nothing that is called JSON", "application/json", "", `null`},
		{"bytes", "image/png", "\x89PNG", `"iVBORw=="`},
		{"no content type", "", "x", `"x"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := &Answer{Status: 200, URL: &url.URL{Scheme: "https", Host: "h"}, Header: http.Header{"Content-Type": {tt.contentType}}, Body: []byte(tt.body)}
			got, want := a.Value(), any(nil)
			d := json.NewDecoder(strings.NewReader(tt.want))
			d.UseNumber()
			if err := d.Decode(&want); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got["body"]); diff != "" {
				t.Errorf("body (-want +got):\n%s", diff)
			}
			if _, encoded := got["encoding"]; encoded != (tt.name == "bytes") {
				t.Errorf("got encoding %v, want it for bytes only", got["encoding"])
			}
		})
	}
}

func TestTheValueOfAnAnswer(t *testing.T) {
	t.Parallel()
	a := &Answer{
		Status: 200, URL: &url.URL{Scheme: "https", Host: "h", Path: "/p", RawQuery: "q=1"},
		Header: http.Header{"X-Two": {"a", "b"}, "X-Odd": {"\xff"}}, Body: []byte("x"),
	}
	want := map[string]any{"status": 200, "url": "https://h/p?q=1", "body": "x", "headers": map[string]any{"x-two": "a, b", "x-odd": "\uFFFD"}}
	if diff := cmp.Diff(want, a.Value()); diff != "" {
		t.Errorf("value (-want +got):\n%s", diff)
	}
}

func TestRefusalsSayWhatToDo(t *testing.T) {
	t.Parallel()
	tests := []struct {
		status             int
		header, value      string
		body, message, fix string
		code               ordinaut.Code
	}{
		{401, "", "", "", "h answered 401 Unauthorized", "check the credentials that are sent, and what they may do", ordinaut.CodeToolFailed},
		{404, "", "", "{\"error\":\n\t\"no item\"}", `h answered 404 Not Found: {"error": "no item"}`, "check the path of the URL", ordinaut.CodeToolFailed},
		{405, "Allow", "GET, HEAD", "", "h answered 405 Method Not Allowed", "use another method, one of GET, HEAD", ordinaut.CodeToolFailed},
		{405, "", "", "", "h answered 405 Method Not Allowed", "use another method", ordinaut.CodeToolFailed},
		{422, "", "", "a\u202eb\x1b[0m", "h answered 422 Unprocessable Entity: ab[0m", "mend what the answer says about the request", ordinaut.CodeToolFailed},
		{400, "", "", "\xff", "h answered 400 Bad Request", "mend what the answer says about the request", ordinaut.CodeToolFailed},
		{302, "Location", "/login?token=x", "", "h answered 302 Found", "ask where it points to, /login, or let redirects be followed", ordinaut.CodeToolFailed},
		{200, "", "", "ok", "h answered 200 OK: ok", "mend what the answer says about the request", ordinaut.CodeToolFailed},
		{408, "", "", "", "h answered 408 Request Timeout", "try again later; if it stays, ask whoever runs the server", ordinaut.CodeEgressBusy},
		{429, "", "", "", "h answered 429 Too Many Requests", "ask less often", ordinaut.CodeEgressTooMany},
		{503, "", "", strings.Repeat("x", 5000), "h answered 503 Service Unavailable: " + strings.Repeat("x", 300) + "…", "try again later; if it stays, ask whoever runs the server", ordinaut.CodeEgressBusy},
		{599, "", "", "", "h answered 599", "try again later; if it stays, ask whoever runs the server", ordinaut.CodeEgressBusy},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.status), func(t *testing.T) {
			t.Parallel()
			a := &Answer{Status: tt.status, URL: &url.URL{Scheme: "https", Host: "h", Path: "/secret"}, Header: http.Header{tt.header: {tt.value}}, Body: []byte(tt.body)}
			got := a.Refusal()
			want := &ordinaut.Error{Code: tt.code, Sent: tt.status, Message: tt.message, Fix: tt.fix}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("refusal (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRetryAfterIsHonoured(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for value, want := range map[string]time.Duration{
			"120": 2 * time.Minute,
			time.Now().Add(time.Hour).UTC().Format(http.TimeFormat):  time.Hour,
			time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat): 0,
			"":                       0,
			"-5":                     0,
			"soon":                   0,
			"9999999999999999999999": 0,
		} {
			a := &Answer{Status: 503, URL: &url.URL{}, Header: http.Header{"Retry-After": {value}}}
			if got := a.Refusal().RetryAfter; got != want {
				t.Errorf("%q: got %v, want %v", value, got, want)
			}
		}
	})
}
