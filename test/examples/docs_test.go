package examples

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var (
	file    = regexp.MustCompile("(?s)`([a-z.]+\\.yaml)`:\n\n```yaml\n(.*?)```")
	session = regexp.MustCompile("(?s)```console\n\\$ ordinaut (test -f [a-z.]+)\n(.+?)```")
)

// TestTheTestsOnThePageSayWhatItShows writes the files of the page about tests, and
// runs the commands whose output it shows.
func TestTheTestsOnThePageSayWhatItShows(t *testing.T) {
	page, err := os.ReadFile("../../docs/learn/testing.md")
	if err != nil {
		t.Fatal(err)
	}
	ops := operations(t)
	dir := t.TempDir()
	for _, f := range file.FindAllStringSubmatch(string(page), -1) {
		if err := os.WriteFile(filepath.Join(dir, f[1]), []byte(f[2]), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	sessions := session.FindAllStringSubmatch(string(page), -1)
	for _, s := range sessions {
		got, errs, exit := ordinaut(t.Context(), ops, strings.Fields(s[1])...)
		if diff := cmp.Diff(s[2], got); diff != "" || exit != 0 {
			t.Errorf("%s: exit %d (-want +got):\n%s%s", s[1], exit, diff, errs)
		}
	}
	if len(sessions) < 2 {
		t.Errorf("the page shows %d tests, want at least 2", len(sessions))
	}
}

var (
	difference = regexp.MustCompile(`(?m)^\|[^|]*(?:\\\|[^|]*)*\|([^|]*)\|[^|]*\|$`)
	template   = regexp.MustCompile("`([^`]*\\$\\{[^`]*)`")
)

// TestWhatThePageAboutExamplesWritesWorks fills in the templates of the original
// that it says are good, and those that it offers in place of others.
func TestWhatThePageAboutExamplesWritesWorks(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/learn/examples.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "## What works as it is written there")
	good, otherwise, _ := strings.Cut(rest, "## What is written otherwise")
	for _, cell := range difference.FindAllStringSubmatch(otherwise, -1) {
		good += cell[1]
	}
	written := template.FindAllStringSubmatch(good, -1)
	if len(written) < 20 {
		t.Errorf("the page has %d templates, want at least 20", len(written))
	}
	ops := operations(t)
	for _, w := range written {
		t.Run(w[1], func(t *testing.T) {
			t.Parallel()
			task := echoing(t, w[1])
			if out, errs, exit := ordinaut(t.Context(), ops, "test", "-f", task); exit != 0 {
				t.Errorf("exit %d\n%s%s", exit, out, errs)
			}
		})
	}
}

// echoing is the file of a task that fills a template in.
func echoing(t *testing.T, template string) string {
	t.Helper()
	text, err := json.Marshal(map[string]any{"title": "x", "schedule_kind": "manual", "payload": map[string]any{
		"params": map[string]any{
			"customer": "ana", "leads": []any{map[string]any{"id": 1, "name": "Ana", "score": 80}}, "large": true,
			"start": "2027-02-01T09:00:00+02:00", "total": 12.5, "email": "ana@example.com",
		},
		"pipeline": []any{map[string]any{"uses": "debug.echo", "with": map[string]any{"filled_in": template}}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "task.json")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
