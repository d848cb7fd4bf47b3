package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/internal/op"
	"github.com/ordinaut/ordinaut/internal/telemetry"
)

// eventStream is the media type of server-sent events.
const eventStream = "text/event-stream"

// afterField is the request's field that the Last-Event-ID header can set.
const afterField = "after"

// lastEvent is where a reader that comes back left off.
func lastEvent(header string, field *huma.Schema) (json.RawMessage, bool) {
	if header == "" || field == nil {
		return nil, false
	}
	return fromQuery(field, []string{header}), true
}

// seats bounds how many streams each agent reads at once. The zero value is
// ready to use.
type seats struct {
	mu    sync.Mutex
	taken map[ordinaut.AgentID]int
}

// take takes a seat, if there is one.
func (s *seats) take(id ordinaut.AgentID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.taken[id] >= limits.StreamsPerAgent {
		return false
	}
	if s.taken == nil {
		s.taken = map[ordinaut.AgentID]int{}
	}
	s.taken[id]++
	return true
}

// leave gives a seat back.
func (s *seats) leave(id ordinaut.AgentID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.taken[id]--; s.taken[id] == 0 {
		delete(s.taken, id)
	}
}

// stream answers with server-sent events until there are no more, the reader
// leaves, or the server closes.
func (f *face) stream(w http.ResponseWriter, r *http.Request, events op.Events) {
	agent, _ := ordinaut.AgentFrom(r.Context())
	if !f.seats.take(agent.ID) {
		f.fail(w, r, &ordinaut.Error{
			Code:       ordinaut.CodeStreamLimit,
			Message:    fmt.Sprintf("%s reads %d event streams already", agent.Name, limits.StreamsPerAgent),
			Fix:        "close one that nobody reads any more",
			RetryAfter: time.Second,
		})
		return
	}
	defer f.seats.leave(agent.ID)
	exchangeOf(r).lasting = true
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(f.closing, cancel)()

	w.Header().Set("Content-Type", eventStream)
	w.Header().Set("X-Accel-Buffering", "no") // a proxy that gathered events would hold them back
	w.WriteHeader(http.StatusOK)
	out := &reader{w: w, control: http.NewResponseController(w)}
	err := out.write("retry: 2000\n\n")
	if err == nil {
		err = events.Each(ctx, out.send)
	}
	if err == nil || ctx.Err() != nil || errors.Is(err, errReader) {
		return
	}
	f.Log.ErrorContext(ctx, "stream failed", requestAttrs(r, http.StatusOK, telemetry.Err(err))...)
	_ = out.send(op.Event{Name: "error", Data: newProblem(r, ordinaut.AsError(err))}) // it ends either way
	_ = out.flush()
}

// errReader says that the reader has gone, or was cut for being slow.
var errReader = errors.New("the reader is gone")

// reader is where the events of a stream go.
type reader struct {
	w       http.ResponseWriter
	control *http.ResponseController
	last    string    // the id of the last event
	told    time.Time // when something was last on its way
	dirty   bool      // something is
}

// send writes an event; a pause has what was written reach the reader. A reader
// for whom that takes too long is told where to go on, and cut: it must not hold
// a connection for what it does not read.
func (o *reader) send(e op.Event) error {
	start := time.Now()
	var err error
	switch {
	case !e.IsPause():
		err = o.event(e)
	case o.dirty:
		err = o.flush()
	case time.Since(o.told) >= limits.StreamBeat:
		if err = o.write(":\n\n"); err == nil {
			err = o.flush()
		}
	}
	if err == nil && time.Since(start) > limits.StreamStall {
		_ = o.event(op.Event{Name: "cut", Data: map[string]string{"after": o.last}})
		_ = o.flush() // it is cut, whether it hears of it or not
		return errReader
	}
	return err
}

func (o *reader) event(e op.Event) error {
	data, err := encode(e.Data)
	if err != nil {
		return fmt.Errorf("write an event: %w", err)
	}
	text := ""
	if e.ID != "" {
		text, o.last = "id: "+e.ID+"\n", e.ID
	}
	return o.write(text + "event: " + e.Name + "\ndata: " + string(bytes.TrimSpace(data)) + "\n\n")
}

func (o *reader) write(text string) error {
	o.patience()
	o.dirty, o.told = true, time.Now()
	if _, err := o.w.Write([]byte(text)); err != nil {
		return errors.Join(errReader, err)
	}
	return nil
}

func (o *reader) flush() error {
	o.patience()
	o.dirty = false
	if err := o.control.Flush(); err != nil {
		return errors.Join(errReader, err)
	}
	return nil
}

// patience is how long the next write may take before the connection is cut.
func (o *reader) patience() {
	_ = o.control.SetWriteDeadline(time.Now().Add(limits.BodyWait)) // not every ResponseWriter can
}
