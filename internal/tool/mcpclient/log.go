package mcpclient

import (
	"fmt"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/ordinaut/ordinaut/internal/limits"
)

// linesPerSecond of what a server tells are kept, of each call. A person reads
// fewer, and a server that writes without end must not fill the disk.
const linesPerSecond = 20

// journal writes down what a server tells during a call, line by line, and says
// how many lines it left out.
type journal struct {
	mu     sync.Mutex
	write  func(line string)
	second time.Time // in which lines are counted
	lines  int
	left   int // out, since the last line
	closed bool
}

// add writes a text, one line after the other.
func (j *journal) add(text string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closed {
		return
	}
	for line := range strings.Lines(text) {
		j.line(strings.TrimRight(line, "\r\n"))
	}
}

func (j *journal) line(line string) {
	if now := time.Now(); now.Sub(j.second) >= time.Second {
		j.second, j.lines = now, 0
	}
	if j.lines++; j.lines > linesPerSecond {
		j.left++
		return
	}
	j.leftOut()
	j.write(cut(line, limits.LogLineBytes))
}

// leftOut tells how many lines are missing here.
func (j *journal) leftOut() {
	if j.left > 0 {
		j.write(fmt.Sprintf("… %d lines left out", j.left))
		j.left = 0
	}
}

// close ends the journal; whatever is added later is ignored.
func (j *journal) close() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.leftOut()
	j.closed = true
}

// cut shortens a text to so many bytes, between two characters.
func cut(text string, most int) string {
	const more = "…"
	if len(text) <= most {
		return text
	}
	end := most - len(more)
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + more
}
