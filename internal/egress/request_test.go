package egress

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ordinaut/ordinaut"
)

func TestARequestIsSentAsItIsWritten(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, want string
		request    Request
	}{
		{"nothing but a URL", "GET /p?a=1 [] ", Request{URL: " URL/p?a=1#top "}},
		{"a query beside that of the URL", "GET /p?a=1&b=2+3&b=%26 [] ", Request{URL: "URL/p?a=1", Query: url.Values{"b": {"2 3", "&"}}}},
		{"a query", "GET /p?b=2 [] ", Request{URL: "URL/p", Query: url.Values{"b": {"2"}}}},
		{"a body with its type", "POST / [Content-Type: text/x; Idempotency-Key: run/step] hi", Request{Method: "POST", URL: "URL", Body: []byte("hi"), Type: "text/x", Key: "run/step"}},
		{"a header is stronger", "POST / [Content-Type: a/b; Idempotency-Key: mine] hi", Request{Method: "POST", URL: "URL", Body: []byte("hi"), Type: "text/x", Key: "k", Header: map[string]string{"content-type": "a/b", "idempotency-key": " mine "}}},
		{"no key where none is needed", "PUT / [] ", Request{Method: "PUT", URL: "URL", Key: "k"}},
		{"a key in a header of its own", "PUT / [X-Key: k] ", Request{Method: "PUT", URL: "URL", Key: "k", KeyHeader: "X-Key"}},
		{"a key that no header can carry", "PATCH / [Idempotency-Key: a%0Ab%20%C3%BC] ", Request{Method: "PATCH", URL: "URL", Key: "a\nb ü"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server, allow := serve(t, func(w http.ResponseWriter, r *http.Request) {
				var header []string
				for _, name := range []string{"Content-Type", "Idempotency-Key", "X-Key"} {
					if v := r.Header.Get(name); v != "" {
						header = append(header, name+": "+v)
					}
				}
				body, _ := io.ReadAll(r.Body)
				fmt.Fprintf(w, "%s %s [%s] %s", r.Method, r.RequestURI, strings.Join(header, "; "), body)
			})
			client := reaching(t, Options{Allow: []string{allow}}, liar)
			tt.request.URL = strings.ReplaceAll(tt.request.URL, "URL", server.URL)
			answer, err := Send(t.Context(), client, tt.request)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, string(answer.Body)); diff != "" {
				t.Errorf("request (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEverythingWrongWithARequestIsTold(t *testing.T) {
	t.Parallel()
	header := map[string]string{
		"Ok": "1", "Host": "h", "accept-encoding": "br", "Connection": "close", "Content-Length": "1", "Proxy-Authorization": "x",
		"Bad Name": "1", "": "1", "A/b": "1", "X-Lines": "a\r\nb", "X-Tab": "a\tb", "X-Text": "Grüße",
	}
	_, err := Send(t.Context(), nil, Request{Method: "GET IT", URL: "ftp://example.com", Header: header})
	var e *ordinaut.Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want an error", err)
	}
	var got []string
	for _, f := range e.All() {
		codeOf(t, f)
		got = append(got, f.At+": "+f.Message)
	}
	want := []string{
		`/headers/: "" is no name of a header`,
		`/headers/A~1b: "A/b" is no name of a header`,
		`/headers/Bad Name: "Bad Name" is no name of a header`,
		`/headers/Connection: the header Connection is not yours to send`,
		`/headers/Content-Length: the header Content-Length is not yours to send`,
		`/headers/Host: the header Host is not yours to send`,
		`/headers/Proxy-Authorization: the header Proxy-Authorization is not yours to send`,
		`/headers/X-Lines: the header X-Lines holds a line break or another control character`,
		`/headers/accept-encoding: the header Accept-Encoding is not yours to send`,
		`/url: only http and https may be used, not ftp`,
		`/method: "GET IT" is no HTTP method`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
}

func TestParametersAreWrittenFromJSON(t *testing.T) {
	t.Parallel()
	values := map[string]any{"text": "a b", "number": 1.5, "yes": true, "none": nil, "list": []any{"x", nil, 2.0}, "object": map[string]any{"a<": 1.0}, "empty": []any{}}
	if got, want := Parameters(values).Encode(), "list=x&list=2&number=1.5&object=%7B%22a%3C%22%3A1%7D&text=a+b&yes=true"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if diff := cmp.Diff(map[string]string{"a": "x", "b": "[1]"}, Texts(map[string]any{"a": "x", "b": []any{1.0}, "c": nil})); diff != "" {
		t.Errorf("texts (-want +got):\n%s", diff)
	}
}
