package mcpclient

import (
	"bytes"
	"strings"
	"sync"

	"github.com/ordinaut/ordinaut/internal/limits"
)

// The last words of a server that an error repeats.
const (
	lastLines = 5
	lastBytes = 1 << 10
)

// stderr takes what a server writes to its standard error: it hands on every
// line, and keeps the last ones, because that is where "command not found" and
// "missing API key" stand.
type stderr struct {
	told func(line string)

	mu   sync.Mutex
	kept []byte // the last bytes, at most twice the limit
	line []byte // that has not ended yet, at most the limit of a line
}

// Write takes some bytes, and never fails.
func (s *stderr) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keep(p)
	for rest := p; len(rest) > 0; {
		part, after, ended := bytes.Cut(rest, []byte("\n"))
		room := limits.LogLineBytes - len(s.line)
		s.line = append(s.line, part[:min(len(part), room)]...)
		if ended {
			s.told(string(s.line))
			s.line = s.line[:0]
		}
		rest = after
	}
	return len(p), nil
}

// keep remembers the last bytes. It makes room only when twice as much has
// gathered, so that a flood of short lines costs one copy of each byte.
func (s *stderr) keep(p []byte) {
	if len(s.kept)+len(p) > 2*limits.StderrBytes {
		old := s.kept[max(0, len(s.kept)-limits.StderrBytes):]
		if len(p) >= limits.StderrBytes {
			old, p = nil, p[len(p)-limits.StderrBytes:]
		}
		s.kept = append(s.kept[:0], old...)
	}
	s.kept = append(s.kept, p...)
}

// tail is the end of what was written: a few lines, or nothing.
func (s *stderr) tail() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	text := strings.ToValidUTF8(string(s.kept[max(0, len(s.kept)-lastBytes):]), "�")
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-lastLines):], "\n")
}
