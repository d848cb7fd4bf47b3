package rest_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/face/rest"
	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/internal/op"
)

// counting asks for numbers.
type counting struct {
	After int `json:"after,omitempty"`
}

// count is an operation that tells as the test says.
func count(t *testing.T, each func(ctx context.Context, after int, send func(op.Event) error) error) *world {
	t.Helper()
	set, err := op.NewSet(op.New(op.Op{Name: "number.count", Method: "GET", Path: "/v1/numbers", Effect: op.Read},
		func(_ context.Context, r counting) (op.Events, error) {
			return op.NewEvents(func(ctx context.Context, send func(op.Event) error) error { return each(ctx, r.After, send) }), nil
		}))
	if err != nil {
		t.Fatal(err)
	}
	return newWorld(t, set)
}

func number(n int) op.Event { return op.Event{ID: strconv.Itoa(n), Name: "number", Data: n} }

// upTo counts to a number and ends.
func upTo(most int) func(context.Context, int, func(op.Event) error) error {
	return func(_ context.Context, after int, send func(op.Event) error) error {
		for n := after + 1; n <= most; n++ {
			if err := send(number(n)); err != nil {
				return err
			}
		}
		return send(op.Pause())
	}
}

func TestEventsAreSentAsTheStandardSays(t *testing.T) {
	t.Parallel()
	w := count(t, upTo(2))
	got := w.ask("GET", "/v1/numbers", "")
	want := "retry: 2000\n\nid: 1\nevent: number\ndata: 1\n\nid: 2\nevent: number\ndata: 2\n\n"
	if diff := cmp.Diff(want, got.text); diff != "" || got.Header.Get("Content-Type") != "text/event-stream" || got.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%v (-want +got):\n%s", got.Header, diff)
	}
	for _, header := range []string{"", "Last-Event-ID: 1"} {
		got := w.ask("GET", "/v1/numbers?after="+map[bool]string{true: "1", false: "0"}[header == ""], "", header)
		if !strings.HasPrefix(got.text, "retry: 2000\n\nid: 2\n") {
			t.Errorf("%s: got %q, want what follows the first", header, got.text)
		}
	}
	w.ask("GET", "/v1/numbers", "", "Last-Event-ID: many").want(t, http.StatusUnprocessableEntity, ordinaut.CodeFieldType)
}

func TestAStreamThatFailsSaysWhy(t *testing.T) {
	t.Parallel()
	w := count(t, func(_ context.Context, _ int, send func(op.Event) error) error {
		return errors.Join(send(number(1)), errors.New("the disk said SELECT"))
	})
	got := w.ask("GET", "/v1/numbers", "")
	if !strings.Contains(got.text, "event: error\ndata: {\"type\"") || strings.Contains(got.text, "SELECT") {
		t.Errorf("got %s, want a problem without its cause", got.text)
	}
	if !strings.Contains(w.log.String(), "SELECT") {
		t.Errorf("the log has no cause: %s", w.log)
	}
}

func TestAQuietStreamSaysThatItIsThere(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := count(t, func(_ context.Context, _ int, send func(op.Event) error) error {
			for range 10 {
				<-time.After(limits.StreamLook)
				if err := send(op.Pause()); err != nil {
					return err
				}
			}
			return nil
		})
		got := w.ask("GET", "/v1/numbers", "")
		if beats := strings.Count(got.text, ":\n\n"); beats != 3 {
			t.Errorf("got %d signs of life in %v, want 3: %q", beats, 10*limits.StreamLook, got.text)
		}
	})
}

// lazy is a reader who takes long for each write.
type lazy struct {
	*httptest.ResponseRecorder
	takes time.Duration
}

func (l *lazy) Write(p []byte) (int, error) {
	if strings.Contains(string(p), "id: 3\n") {
		<-time.After(l.takes)
	}
	return l.ResponseRecorder.Write(p)
}

func TestASlowReaderIsCutAndToldWhereToGoOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := count(t, upTo(100))
		r := httptest.NewRequest("GET", "http://127.0.0.1/v1/numbers", nil)
		r.Header.Set("Authorization", "Bearer "+token)
		rec := &lazy{httptest.NewRecorder(), limits.StreamStall + time.Second}
		w.handler.ServeHTTP(rec, r)
		if got := rec.Body.String(); !strings.HasSuffix(got, "data: 3\n\nevent: cut\ndata: {\"after\":\"3\"}\n\n") {
			t.Errorf("got %q", got)
		}
		rec = &lazy{httptest.NewRecorder(), limits.StreamStall}
		w.handler.ServeHTTP(rec, r)
		if got := rec.Body.String(); !strings.HasSuffix(got, "data: 100\n\n") {
			t.Errorf("got %q, want all for a reader who is just fast enough", got)
		}
	})
}

// forever counts one and goes on until the context ends.
func forever(ended chan<- struct{}) func(context.Context, int, func(op.Event) error) error {
	return func(ctx context.Context, _ int, send func(op.Event) error) error {
		defer func() { ended <- struct{}{} }()
		if err := errors.Join(send(number(1)), send(op.Pause())); err != nil {
			return err
		}
		<-ctx.Done()
		return ctx.Err()
	}
}

// read opens a stream and waits for its first event.
func read(t *testing.T, url string) (*http.Response, *bufio.Reader) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "GET", url+"/v1/numbers", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	got, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(got.Body)
	for line := ""; got.StatusCode == http.StatusOK && !strings.HasPrefix(line, "data:"); {
		if line, err = lines.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
	}
	return got, lines
}

func TestAnAgentReadsSoManyStreamsAtOnce(t *testing.T) {
	t.Parallel()
	ended := make(chan struct{}, limits.StreamsPerAgent)
	s := httptest.NewServer(count(t, forever(ended)).handler)
	defer s.Close()
	var open []io.Closer
	for range limits.StreamsPerAgent {
		got, _ := read(t, s.URL)
		open = append(open, got.Body)
	}
	got, _ := read(t, s.URL)
	defer got.Body.Close()
	if got.StatusCode != http.StatusTooManyRequests || got.Header.Get("Retry-After") == "" {
		t.Errorf("got %s for one more, want 429", got.Status)
	}
	open[0].Close()
	<-ended // the reader has left, and with it the goroutine
	for {
		again, _ := read(t, s.URL)
		defer again.Body.Close()
		if again.StatusCode == http.StatusOK {
			break
		}
		if t.Context().Err() != nil {
			t.Fatal("the seat of a reader who has left is not free")
		}
	}
	for _, body := range open {
		body.Close()
	}
}

func TestAServerThatClosesEndsItsStreams(t *testing.T) {
	t.Parallel()
	ended := make(chan struct{}, 1)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := rest.Server(count(t, forever(ended)).handler)
	served := make(chan error, 1)
	go func() { served <- s.Serve(listener) }()
	got, lines := read(t, "http://"+listener.Addr().String())
	defer got.Body.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := s.Shutdown(ctx); err != nil {
		t.Errorf("the server could not close: %v", err)
	}
	<-ended
	<-served
	if rest, err := io.ReadAll(lines); err != nil || strings.TrimSpace(string(rest)) != "" {
		t.Errorf("got %q, %v; want an orderly end", rest, err)
	}
}

func TestContentIsSentAsItIs(t *testing.T) {
	t.Parallel()
	broken := false
	set, err := op.NewSet(op.New(op.Op{Name: "file.get", Method: "GET", Path: "/v1/files", Effect: op.Read},
		func(context.Context, op.Nothing) (op.Content, error) {
			return op.NewContent("a.json", "application/json", "abc", 10, func(_ context.Context, to io.Writer) error {
				_, err := io.WriteString(to, `{"a":"<>"`)
				if broken {
					return errors.New("the disk is away")
				}
				_, last := io.WriteString(to, `}`)
				return errors.Join(err, last)
			}), nil
		}))
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, set)
	got := w.ask("GET", "/v1/files", "")
	if got.text != `{"a":"<>"}` || got.Header.Get("ETag") != `"abc"` || got.Header.Get("Content-Length") != "10" ||
		got.Header.Get("Content-Disposition") != `attachment; filename="a.json"` {
		t.Errorf("got %q, %v", got.text, got.Header)
	}
	for _, header := range []string{`"abc"`, `W/"abc"`, `"x", "abc"`, "*"} {
		if got := w.ask("HEAD", "/v1/files", "", "If-None-Match: "+header); got.StatusCode != http.StatusNotModified || got.text != "" {
			t.Errorf("%s: got %s %q, want 304", header, got.Status, got.text)
		}
	}
	w.ask("GET", "/v1/files", "", `If-None-Match: "x"`).want(t, http.StatusOK, "")
	broken = true
	s := httptest.NewServer(w.handler)
	defer s.Close()
	r, err := http.NewRequestWithContext(t.Context(), "GET", s.URL+"/v1/files", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	cut, err := http.DefaultClient.Do(r)
	if err == nil {
		_, err = io.ReadAll(cut.Body)
		cut.Body.Close()
	}
	if err == nil {
		t.Error("a part is taken for the whole")
	}
}
