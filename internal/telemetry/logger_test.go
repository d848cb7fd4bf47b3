package telemetry_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"
	"testing"
	"time"
	"unicode"

	"pgregory.net/rapid"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/telemetry"
)

// terminal is a buffer that says it is a character device.
type terminal struct{ bytes.Buffer }

func (t *terminal) Stat() (fs.FileInfo, error) { return t, nil }
func (t *terminal) Name() string               { return "terminal" }
func (t *terminal) Size() int64                { return 0 }
func (t *terminal) Mode() fs.FileMode          { return fs.ModeDevice | fs.ModeCharDevice }
func (t *terminal) ModTime() time.Time         { return time.Time{} }
func (t *terminal) IsDir() bool                { return false }
func (t *terminal) Sys() any                   { return nil }

func TestFormat(t *testing.T) {
	t.Parallel()
	const jsonLine, colour = `"run_id":"r1"`, "\x1b["
	for _, c := range []struct {
		sentence string
		terminal bool
		options  telemetry.Options
		want     string
		colour   bool
	}{
		{"a terminal gets coloured text", true, telemetry.Options{}, "r1", true},
		{"a file gets JSON", false, telemetry.Options{}, jsonLine, false},
		{"a terminal gets JSON when asked", true, telemetry.Options{Format: telemetry.FormatJSON}, jsonLine, false},
		{"a file gets plain text when asked", false, telemetry.Options{Format: telemetry.FormatText}, "run_id=r1", false},
		{"a terminal gets plain text when asked", true, telemetry.Options{NoColor: true}, "run_id=r1", false},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			t.Parallel()
			var tty terminal
			logger := telemetry.NewLogger(&tty.Buffer, c.options)
			if c.terminal {
				logger = telemetry.NewLogger(&tty, c.options)
			}
			logger.Info("run claimed", telemetry.KeyRunID, "r1")
			got := tty.String()
			if !strings.Contains(got, c.want) || !strings.Contains(got, "run claimed") {
				t.Errorf("got %q, want it to hold %q and the message", got, c.want)
			}
			if strings.Contains(got, colour) != c.colour {
				t.Errorf("got %q, want colour: %t", got, c.colour)
			}
		})
	}
}

func TestLevel(t *testing.T) {
	t.Parallel()
	for _, format := range []telemetry.Format{telemetry.FormatText, telemetry.FormatJSON} {
		t.Run("debug is left out by default in "+string(format), func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			telemetry.NewLogger(&out, telemetry.Options{Format: format}).Debug("unseen")
			if out.Len() != 0 {
				t.Errorf("got %q, want nothing", out.String())
			}
		})
		t.Run("debug is written when asked in "+string(format), func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			telemetry.NewLogger(&out, telemetry.Options{Format: format, Level: slog.LevelDebug}).Debug("seen")
			if !strings.Contains(out.String(), "seen") {
				t.Errorf("got %q, want the message", out.String())
			}
		})
	}
}

// hostile is what a user could send to be logged.
func hostile() []string {
	return []string{
		"\x1b[2J\x1b]0;owned\x07",    // clears the screen, names the window
		`\x1b[31m the letters of it`, // tint turns these back
		"one\nlevel=INFO forged",     // a second line
		"\u009b2J",                   // the same as ESC [ to a terminal
		"abc\u202egnp.exe",           // reads backwards
		"\xff\xfe not UTF-8",
		"\U000e0041 a tag character",
	}
}

func TestHostileText(t *testing.T) {
	t.Parallel()
	for _, text := range hostile() {
		t.Run(fmt.Sprintf("%q cannot steer a terminal", text), func(t *testing.T) {
			t.Parallel()
			checkTame(t, telemetry.Options{Format: telemetry.FormatText}, text)
			checkTame(t, telemetry.Options{Format: telemetry.FormatJSON}, text)
			checkTame(t, telemetry.Options{}, text)
		})
	}
}

func TestAnyTextStaysOneLine(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		checkTame(t, telemetry.Options{}, text)
		checkTame(t, telemetry.Options{Format: telemetry.FormatJSON}, text)
	})
}

// checkTame logs text in every place of a record, on a terminal, and looks for
// what a terminal would obey.
func checkTame(t interface{ Errorf(string, ...any) }, o telemetry.Options, text string) {
	var out terminal
	telemetry.NewLogger(&out, o).With("with", text).Info(text,
		"string", text, "error", errors.New(text), "any", struct{ Text string }{text},
		slog.Group("group", "inner", text))
	line := strings.TrimSuffix(out.String(), "\n")
	for _, colour := range []string{"\x1b[0m", "\x1b[2m", "\x1b[92m"} {
		line = strings.ReplaceAll(line, colour, "")
	}
	if i := strings.IndexFunc(line, func(r rune) bool { return !unicode.IsPrint(r) }); i >= 0 {
		t.Errorf("options %+v, text %q: got %q in the log, want only printable characters", o, text, line[i:])
	}
}

func TestTextIsKept(t *testing.T) {
	t.Parallel()
	t.Run("JSON gives back exactly what was logged", func(t *testing.T) {
		t.Parallel()
		rapid.Check(t, func(t *rapid.T) {
			text := rapid.String().Draw(t, "text")
			var out bytes.Buffer
			telemetry.NewLogger(&out, telemetry.Options{}).Info("m", telemetry.KeyTool, text)
			var record map[string]any
			if err := json.Unmarshal(out.Bytes(), &record); err != nil {
				t.Fatalf("read the line back: %v", err)
			}
			if got := record[telemetry.KeyTool]; got != text {
				t.Errorf("got %q, want %q", got, text)
			}
		})
	})
	t.Run("ordinary text is not touched on a terminal", func(t *testing.T) {
		t.Parallel()
		var out bytes.Buffer
		logger := telemetry.NewLogger(&out, telemetry.Options{Format: telemetry.FormatText})
		logger.Info("Grüße an “alle”", telemetry.KeyCount, 3, telemetry.KeyTool, "https://x.test/a?b")
		want := "INF Grüße an “alle” count=3 tool=https://x.test/a?b\n"
		if !strings.HasSuffix(out.String(), want) {
			t.Errorf("got %q, want it to end with %q", out.String(), want)
		}
	})
}

func TestErr(t *testing.T) {
	t.Parallel()
	cause := errors.New("disk on fire")
	for _, c := range []struct {
		sentence string
		err      error
		want     string
	}{
		{"an error is its text", cause, "disk on fire"},
		{"the hidden cause is told", fmt.Errorf("settle: %w", ordinaut.AsError(cause)), "(cause: disk on fire)"},
		{"a fault of the user has no cause", &ordinaut.Error{Code: "field.unknown", Message: "no"}, "field.unknown: no"},
		{"nil is said to be nil", nil, "<nil>"},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			t.Parallel()
			got := telemetry.Err(c.err)
			if got.Key != telemetry.KeyError || !strings.Contains(got.Value.String(), c.want) {
				t.Errorf("got %v, want key %q and text %q", got, telemetry.KeyError, c.want)
			}
		})
	}
}

// broken is a writer whose disk is full.
type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestWriteError(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"plain", "\u009b"} {
		handler := telemetry.NewLogger(broken{}, telemetry.Options{}).Handler()
		record := slog.NewRecord(time.Time{}, slog.LevelInfo, text, 0)
		if err := handler.Handle(t.Context(), record); err == nil {
			t.Errorf("log %q: got no error, want that of the writer", text)
		}
	}
}
