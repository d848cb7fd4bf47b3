package service

import (
	"fmt"
	"sync"
)

// notes is the first lines that a tool said. Tools may say them from any
// goroutine, also after the call.
type notes struct {
	mu    sync.Mutex
	lines []string
	more  int
}

const notesKept = 200

func (n *notes) add(line string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.lines) == notesKept {
		n.more++
		return
	}
	n.lines = append(n.lines, line)
}

// all is the lines up to now.
func (n *notes) all() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	lines := append([]string{}, n.lines...)
	if n.more > 0 {
		lines = append(lines, fmt.Sprintf("… and %d lines more", n.more))
	}
	return lines
}
