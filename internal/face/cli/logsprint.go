package cli

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// logLine is what is printed of a line of a log.
type logLine struct {
	At     time.Time `json:"at"`
	Kind   string    `json:"kind"`
	Step   string    `json:"step"`
	Status string    `json:"status"`
	Text   string    `json:"text"`
}

// logPrinter prints lines of a log in columns, or each as JSON for programs.
type logPrinter struct {
	app   *app
	width int // of the widest step so far
}

// usualStep is how wide the column of steps is at least.
const usualStep = 8

func (a *app) logPrinter() *logPrinter { return &logPrinter{app: a, width: usualStep} }

// since prints a line that is not older.
func (p *logPrinter) since(from time.Time, raw json.RawMessage) error {
	var l logLine
	if err := json.Unmarshal(raw, &l); err != nil {
		return fmt.Errorf("read a line of the log: %w", err)
	}
	if l.At.Before(from) {
		return nil
	}
	return p.line(raw)
}

// line prints a line as the server sent it.
func (p *logPrinter) line(raw json.RawMessage) error {
	if p.app.output != "table" {
		_, err := fmt.Fprintln(p.app.Stdout, strings.TrimSpace(string(tame(raw))))
		return err
	}
	var l logLine
	if err := json.Unmarshal(raw, &l); err != nil {
		return fmt.Errorf("read a line of the log: %w", err)
	}
	_, err := fmt.Fprintln(p.app.Stdout, p.words(l))
	return err
}

// widestStep is how wide the column of steps may become.
const widestStep = 24

// words is a line for people: when, where, and what.
func (p *logPrinter) words(l logLine) string {
	where := "run"
	if l.Step != "" {
		where = clean(l.Step)
	}
	p.width = min(max(p.width, width(where)), widestStep)
	gap := strings.Repeat(" ", max(p.width-width(where), 0)+2)
	return l.At.Local().Format("2006-01-02 15:04:05.000") + "  " + where + gap + p.text(l)
}

// text is what a line says, with its status, or the level at its beginning, in
// colour.
func (p *logPrinter) text(l logLine) string {
	paint, text := p.app.paint, clean(l.Text)
	if rest, is := strings.CutPrefix(text, l.Status); is && l.Status != "" {
		return paint.state(l.Status) + rest
	}
	level, _, _ := strings.Cut(text, " ")
	switch {
	case l.Kind == "full", level == "WARN":
		return paint.in("33", text)
	case level == "ERROR":
		return paint.in("31", text)
	}
	return text
}
