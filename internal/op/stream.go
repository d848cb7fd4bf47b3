package op

import (
	"context"
	"io"
)

// Event is one thing that a stream tells.
type Event struct {
	ID   string // a reader that has seen it asks for what follows by this; "" has none
	Name string
	Data any // written as JSON
}

// Pause is sent when there is nothing more to tell for now: what was sent is to
// reach its reader, and so is a sign of life when nothing was.
func Pause() Event { return Event{} }

// IsPause says whether the event is a pause.
func (e Event) IsPause() bool { return e == Event{} }

// Events is the result of an operation that tells what happens, as long as its
// reader listens or until nothing can follow.
type Events struct {
	each func(ctx context.Context, send func(Event) error) error
}

// NewEvents makes a stream of a function that sends event after event, and ends
// with the context or when send fails.
func NewEvents(each func(ctx context.Context, send func(Event) error) error) Events {
	return Events{each: each}
}

// Each sends the events, in their order.
func (e Events) Each(ctx context.Context, send func(Event) error) error { return e.each(ctx, send) }

// Content is the result of an operation that gives bytes as they are.
type Content struct {
	name  string
	media string
	bytes int64
	tag   string
	write func(ctx context.Context, to io.Writer) error
}

// NewContent makes content of so many bytes, which write writes. The tag stands
// for them; name is that of a file.
func NewContent(name, media, tag string, bytes int64, write func(ctx context.Context, to io.Writer) error) Content {
	return Content{name: name, media: media, bytes: bytes, tag: tag, write: write}
}

// Name is what a file with the content would be called.
func (c Content) Name() string { return c.name }

// Media is its media type.
func (c Content) Media() string { return c.media }

// Bytes is how many there are.
func (c Content) Bytes() int64 { return c.bytes }

// Tag stands for the content: it is another when a byte is.
func (c Content) Tag() string { return c.tag }

// Write writes the content, part by part.
func (c Content) Write(ctx context.Context, to io.Writer) error { return c.write(ctx, to) }
