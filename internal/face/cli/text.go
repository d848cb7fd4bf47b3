package cli

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"unicode"
)

// clean shows the characters of a text that a terminal would obey instead of
// showing them.
func clean(text string) string {
	if strings.IndexFunc(text, obeyed) < 0 {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if obeyed(r) {
			q := strconv.QuoteRuneToASCII(r)
			b.WriteString(q[1 : len(q)-1])
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func obeyed(r rune) bool { return !unicode.IsPrint(r) }

// cleanLines is clean for a text that may have several lines.
func cleanLines(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = clean(line)
	}
	return strings.Join(lines, "\n")
}

// say tells the user something that is not data.
func (a *app) say(format string, args ...any) {
	fmt.Fprintln(a.Stderr, clean(fmt.Sprintf(format, args...)))
}

// painter colours words on a terminal, and nowhere else.
type painter struct{ on bool }

func newPainter(w io.Writer, env func(string) string) painter {
	return painter{isTerminal(w) && env("NO_COLOR") == "" && env("TERM") != "dumb"}
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&fs.ModeCharDevice != 0
}

// width is how many characters of a text are seen.
func width(text string) int {
	n, hidden := 0, false
	for _, r := range text {
		switch {
		case r == '\x1b':
			hidden = true
		case !hidden:
			n++
		case r == 'm':
			hidden = false
		}
	}
	return n
}

func (p painter) bold(text string) string { return p.in("1", text) }

// state colours the words that say how something stands.
func (p painter) state(word string) string {
	switch word {
	case "active", "succeeded", "ok":
		return p.in("32", word)
	case "failed", "error":
		return p.in("31", word)
	case "running", "queued", "waiting":
		return p.in("36", word)
	case "paused", "canceled", "parked", "skipped":
		return p.in("33", word)
	}
	return word
}

func (p painter) in(code, text string) string {
	if !p.on || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}
