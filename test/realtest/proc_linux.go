package realtest

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Memory is what the server uses and the most that it has used, in bytes.
func (s *Server) Memory() (now, most int64) {
	s.t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		s.t.Fatal(err)
	}
	line := func(name string) (kilobytes int64) {
		_, rest, _ := strings.Cut(string(status), name+":")
		if _, err := fmt.Sscan(rest, &kilobytes); err != nil {
			s.t.Fatalf("read %s: %v", name, err)
		}
		return kilobytes
	}
	return line("VmRSS") << 10, line("VmHWM") << 10
}

// Processes lists the command lines, of all processes, that a text occurs in.
func Processes(t testing.TB, text string) (found []string) {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if line, err := os.ReadFile(file); err == nil && bytes.Contains(line, []byte(text)) {
			found = append(found, strings.ReplaceAll(string(line), "\x00", " "))
		}
	}
	return found
}
