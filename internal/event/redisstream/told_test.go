package redisstream_test

import (
	"context"
	"io"
	"log/slog"
	"strings"
	"testing"
)

// told is a log that a test waits for.
type told struct{ lines chan string }

func newTold() told { return told{make(chan string, 10_000)} }

// Write takes a line.
func (l told) Write(line []byte) (int, error) {
	l.lines <- string(line)
	return len(line), nil
}

func (l told) logger() *slog.Logger { return slog.New(slog.NewTextHandler(io.Writer(l), nil)) }

// await waits for a line that contains a text.
func (l told) await(t *testing.T, text string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		select {
		case line := <-l.lines:
			if strings.Contains(line, text) {
				return
			}
		case <-ctx.Done():
			t.Fatalf("nobody says %q", text)
		}
	}
}
