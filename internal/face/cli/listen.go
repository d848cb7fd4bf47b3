package cli

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/ordinaut/ordinaut"
)

// How a stream is read.
const (
	silence     = 40 * time.Second // a server that says nothing for so long is gone: it says at least that it is there
	reconnect   = 2 * time.Second  // between the end of a connection and the next
	patienceFor = 2 * time.Minute  // for a server that is away
	eventBytes  = 8 << 20          // of one event
)

// event is what a server tells while it happens.
type event struct {
	id, name string
	data     json.RawMessage
}

// listener is one reader of what becomes of a run.
type listener struct {
	app       *app
	run, step string
	last      string    // the id of the last event
	heard     time.Time // when the server last said something; zero before it has
}

// listen hands on what becomes of a run, each event once and in order, until the
// run has ended. When the connection breaks it goes on behind the last event.
func (a *app) listen(ctx context.Context, run, step string, hear func(event) error) error {
	l := &listener{app: a, run: run, step: step}
	for {
		err := l.connect(ctx, hear)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, io.EOF):
			return nil
		case !l.comesBack(err):
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(reconnect):
		}
	}
}

// comesBack says whether it is worth while to try again after an error.
func (l *listener) comesBack(err error) bool {
	e := ordinaut.AsError(err)
	away := e.Retryable() || e.Code == ordinaut.CodeCommandServer
	return away && !l.heard.IsZero() && time.Since(l.heard) < patienceFor
}

// connect reads one connection; io.EOF says that nothing can follow.
func (l *listener) connect(ctx context.Context, hear func(event) error) error {
	a := l.app
	o := a.Ops.Find(streamRun)
	if o == nil {
		return fmt.Errorf("follow the run: there is no operation %s", streamRun)
	}
	t, err := a.target()
	if err != nil {
		return err
	}
	sent := named(o, l.run)
	if l.step != "" {
		sent["step"], _ = quoted(l.step) // a string always marshals
	}
	ctx, cut := context.WithCancel(ctx)
	defer cut()
	silent := time.AfterFunc(silence, cut)
	defer silent.Stop()
	req, err := a.request(ctx, t, o, sent)
	if err != nil {
		return err
	}
	req.Header.Set("Accept", "text/event-stream")
	if l.last != "" {
		req.Header.Set("Last-Event-ID", l.last)
	}
	resp, err := a.client().Do(req)
	if err != nil {
		return unreachable(t.base, err)
	}
	defer resp.Body.Close()
	if media, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")); resp.StatusCode != http.StatusOK || media != "text/event-stream" {
		body, _ := io.ReadAll(io.LimitReader(resp.Body, answerBytes)) // what is cut cannot be read as a problem
		_, err := read(resp, body, t)
		return err
	}
	alive := func() {
		l.heard = time.Now()
		silent.Reset(silence)
	}
	err = readEvents(resp.Body, alive, func(e event) error {
		if e.id != "" {
			l.last = e.id
		}
		if err := hear(e); err != nil || e.name == "end" {
			return cmp.Or(err, io.EOF)
		}
		return nil
	})
	return cmp.Or(err, unreachable(t.base, io.ErrUnexpectedEOF))
}

// readEvents reads server-sent events, and says of each line that it has come.
func readEvents(from io.Reader, alive func(), hear func(event) error) error {
	lines := bufio.NewScanner(from)
	lines.Buffer(make([]byte, 0, 64<<10), eventBytes)
	var e event
	for lines.Scan() {
		alive()
		name, value, _ := strings.Cut(lines.Text(), ":")
		value = strings.TrimPrefix(value, " ")
		switch {
		case lines.Text() == "":
			if e.name != "" {
				if err := hear(e); err != nil {
					return err
				}
			}
			e = event{}
		case name == "id":
			e.id = value
		case name == "event":
			e.name = value
		case name == "data":
			e.data = append(e.data, value...)
		}
	}
	return nil // a connection that broke is one that has ended
}
