package mcpclient

import (
	"bytes"
	"context"
	"errors"
	"io"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// events is a stream of server-sent events, each of which passed the gate.
type events struct {
	body io.Closer
	in   lines
	gate *gate
	out  bytes.Buffer
	err  error // after out

	// standsUntil is the context of a standing stream, which seems to go on when
	// it has ended: the SDK would soon give up the whole session over it, and many
	// proxies end what is quiet for a minute.
	standsUntil context.Context
}

func newEvents(body io.ReadCloser, g *gate) *events {
	return &events{body: body, in: newLines(body), gate: g}
}

// Read gives what may be read of the stream.
func (e *events) Read(p []byte) (int, error) {
	for e.out.Len() == 0 {
		if e.err != nil {
			return 0, e.over()
		}
		e.err = e.next()
	}
	return e.out.Read(p)
}

func (e *events) over() error {
	if e.standsUntil != nil {
		<-e.standsUntil.Done()
	}
	return e.err
}

// Close ends the stream.
func (e *events) Close() error { return e.body.Close() }

// next reads one event and writes what is left of it.
func (e *events) next() error {
	var ev event
	for left := limits.ToolFrameBytes; ; {
		line, err := e.in.next(left)
		if errors.Is(err, &ordinaut.Error{Code: ordinaut.CodeToolFrame}) {
			e.gate.failed(err)
			return err
		}
		left -= len(line) + 1
		ev.add(line)
		if len(line) > 0 && err == nil {
			continue
		}
		if fault := e.write(ev); fault != nil {
			return fault
		}
		return err
	}
}

// event is what the lines of one event say.
type event struct {
	name, id, retry string
	data            [][]byte
}

// add takes one line. Lines that say nothing of what we know are left out.
func (ev *event) add(line []byte) {
	field, value, _ := bytes.Cut(line, []byte(":"))
	value = bytes.TrimPrefix(value, []byte(" "))
	switch string(field) {
	case "event":
		ev.name = string(value)
	case "id":
		ev.id = string(value)
	case "retry":
		ev.retry = string(value)
	case "data":
		ev.data = append(ev.data, value)
	}
}

// write writes an event with the messages in it that pass the gate. The id comes
// with the last of them: a stream that breaks in between resumes before them
// all.
func (e *events) write(ev event) error {
	var messages []jsonrpc.Message
	text := bytes.TrimSpace(bytes.Join(ev.data, []byte("\n")))
	if len(text) > 0 && (ev.name == "" || ev.name == "message") {
		var err error
		if messages, err = e.gate.pass(text); err != nil {
			return err
		}
	}
	for i, m := range messages {
		data, err := jsonrpc.EncodeMessage(m)
		if err != nil {
			return err
		}
		e.field("data", string(data))
		if i < len(messages)-1 {
			e.out.WriteByte('\n')
		}
	}
	e.field("id", ev.id)
	e.field("retry", ev.retry)
	if e.out.Len() > 0 {
		e.out.WriteByte('\n')
	}
	return nil
}

func (e *events) field(name, value string) {
	if value != "" {
		e.out.WriteString(name + ": " + value + "\n")
	}
}
