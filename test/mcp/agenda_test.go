package mcp

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestReadmeAgenda runs the example of the README: the events of a calendar with
// recurrences, moved occurrences and several zones, filtered by an expression and
// written to a file by the filesystem server from npm.
func TestReadmeAgenda(t *testing.T) {
	t.Parallel()
	o := start(t, agendaServers(t))
	calendars := filepath.Join(o.Dir, "calendars")
	if err := os.MkdirAll(calendars, 0o700); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(calendars, "team.ics"), readFile(t, "../../examples/agenda/team.ics"))
	id := o.Create(t, readFile(t, "../../examples/agenda/task.json"))

	succeed(t, o.Run(t, id, map[string]any{"from": "2026-10-26T00:00:00+02:00"}))
	want := `Mon 26 Oct  09:15  Stand-up
Tue 27 Oct  09:15  Stand-up
Tue 27 Oct  16:00  Call with New York
Wed 28 Oct  10:00  Hand-over from Tokyo
Thu 29 Oct  10:00  Hand-over from Tokyo
Thu 29 Oct  11:00  Stand-up, later today
Fri 30 Oct  15:00  Review of the month
Fri 30 Oct  17:00  Board (brought forward)
`
	file := filepath.Join(o.Dir, "agenda.txt")
	if diff := cmp.Diff(want, string(readFile(t, file))); diff != "" {
		t.Errorf("agenda.txt (-want +got):\n%s", diff)
	}

	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	succeed(t, o.Run(t, id, struct{}{})) // from now on
	if got := string(readFile(t, file)); !strings.Contains(got, "Stand-up\n") {
		t.Errorf("agenda.txt of the next days is %q, want the stand-ups in it", got)
	}
}

// agendaServers are the servers of the example's catalog, with what npx would
// fetch put in its place.
func agendaServers(t *testing.T) map[string]any {
	t.Helper()
	var catalog struct {
		Servers map[string]struct {
			Command string
			Args    []string
		} `json:"mcpServers"`
	}
	if err := json.Unmarshal(readFile(t, "../../examples/agenda/mcp.json"), &catalog); err != nil {
		t.Fatal(err)
	}
	files := catalog.Servers["files"]
	want := []string{"npx", "-y", "@modelcontextprotocol/server-filesystem", "${PWD}"}
	if got := slices.Concat([]string{files.Command}, files.Args); !slices.Equal(got, want) {
		t.Fatalf("the example starts %q, want %q", got, want)
	}
	return map[string]any{"files": fromNPM(t).server("filesystem", "${PWD}")}
}
