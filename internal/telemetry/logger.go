package telemetry

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/lmittmann/tint"

	"github.com/ordinaut/ordinaut"
)

// Format is the shape of a log line.
type Format string

// The formats of a log.
const (
	FormatAuto Format = ""     // text on a terminal, JSON elsewhere
	FormatText Format = "text" // for people
	FormatJSON Format = "json" // for machines: one object a line
)

// Options says how a logger writes. The zero value logs from level info on, in
// the format that suits where the lines go.
type Options struct {
	Level   slog.Leveler // the least level that is written; nil is info
	Format  Format
	NoColor bool // plain text even on a terminal
}

// NewLogger returns a logger that writes one line per record to w.
func NewLogger(w io.Writer, o Options) *slog.Logger {
	terminal := isTerminal(w)
	if o.Format == FormatJSON || o.Format == FormatAuto && !terminal {
		return slog.New(slog.NewJSONHandler(asciiControls{w}, &slog.HandlerOptions{Level: o.Level}))
	}
	return slog.New(tint.NewTextHandler(w, &tint.Options{
		Level:       o.Level,
		ReplaceAttr: tame,
		TimeFormat:  "15:04:05.000",
		NoColor:     o.NoColor || !terminal,
	}))
}

// Err is the attribute of an error: its text and, of an *ordinaut.Error, the
// cause that users are not shown.
func Err(err error) slog.Attr {
	text := fmt.Sprint(err)
	if e, ok := errors.AsType[*ordinaut.Error](err); ok && e.Err != nil {
		text += " (cause: " + e.Err.Error() + ")"
	}
	return slog.String(KeyError, text)
}

// isTerminal reports whether w is a character device. The null device is one
// too, where the format does not matter.
func isTerminal(w io.Writer) bool {
	f, ok := w.(interface{ Stat() (fs.FileInfo, error) })
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&fs.ModeCharDevice != 0
}

// tame quotes whatever could move a cursor, start a new line or reorder text.
// tint lets escape sequences through, and turns the letters \x1b inside a
// quoted string back into an escape character; only bytes it always quotes and
// never touches again. It writes the message as it is given.
func tame(groups []string, a slog.Attr) slog.Attr {
	switch v := a.Value.Any().(type) {
	case string:
		if wild(v) && len(groups) == 0 && a.Key == slog.MessageKey {
			return slog.String(a.Key, strconv.Quote(v))
		}
		a.Value = tamed(v)
	case slog.Level, *slog.Source:
	default:
		if a.Value.Kind() == slog.KindAny {
			a.Value = tamed(fmt.Sprintf("%+v", v))
		}
	}
	return a
}

func tamed(s string) slog.Value {
	if wild(s) {
		return slog.AnyValue([]byte(s))
	}
	return slog.StringValue(s)
}

func wild(s string) bool {
	return !utf8.ValidString(s) || strings.Contains(s, `\x1b`) ||
		strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}
