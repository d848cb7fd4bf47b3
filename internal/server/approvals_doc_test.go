package server_test

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/face/cli"
	"github.com/ordinaut/ordinaut/internal/op"
	"github.com/ordinaut/ordinaut/internal/server"
	"github.com/ordinaut/ordinaut/internal/service"
)

var (
	consoleBlock = regexp.MustCompile("(?s)```(yaml|console)\n(.*?)```")
	shellWords   = regexp.MustCompile(`'[^']*'|\S+`)
)

// TestTheApprovalsInTheDocumentWork does what the document about approvals does,
// command after command, and compares what it shows with what is seen.
func TestTheApprovalsInTheDocumentWork(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := run(t, dir, "")
	defer s.stop()
	ops, err := server.Ops(t.Context(), service.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range consoleBlock.FindAllStringSubmatch(documents(t)["approvals.md"], -1) {
		if block[1] == "yaml" {
			if err := os.WriteFile(filepath.Join(dir, "newsletter.yaml"), []byte(block[2]), 0o600); err != nil {
				t.Fatal(err)
			}
			continue
		}
		for command := range strings.SplitSeq(strings.TrimPrefix(block[2], "$ ordinaut "), "\n$ ordinaut ") {
			line, want, _ := strings.Cut(command, "\n")
			got := shell(t, ops, dir, line)
			if !strings.HasPrefix(level(got), level(want)) {
				t.Errorf("ordinaut %s (-document +got):\n%s", line, cmp.Diff(level(want), level(got)))
			}
			s.settle(t, line)
		}
	}
}

// shell carries out a command line beside the data folder's server, and returns
// what it prints.
func shell(t *testing.T, ops *op.Set, dir, line string) string {
	t.Helper()
	var args []string
	for _, word := range shellWords.FindAllString(line, -1) {
		args = append(args, strings.ReplaceAll(strings.Trim(word, "'"), "newsletter.yaml", filepath.Join(dir, "newsletter.yaml")))
	}
	env := map[string]string{"ORDINAUT_DATA_DIR": dir, "HOME": dir}
	var out, errs bytes.Buffer
	exit := cli.Run(t.Context(), args, cli.Options{
		Ops: ops, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs,
		Env: func(name string) string { return env[name] },
	})
	if exit != cli.ExitOK {
		t.Fatalf("ordinaut %s: exit code %d: %s", line, exit, errs.String())
	}
	return out.String()
}

// settle waits, after a command that lets a run go on, until the run asks again.
func (r *running) settle(t *testing.T, line string) {
	t.Helper()
	if !strings.HasPrefix(line, "run ") && !strings.HasPrefix(line, "approvals changes ") {
		return
	}
	var latest struct{ ID ordinaut.RunID }
	r.ask(t, http.MethodGet, "/v1/tasks/newsletter/runs/latest", "", &latest)
	r.waitFor(t, latest.ID, ordinaut.RunWaiting)
}

var differing = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[0-9a-f]{8}:|\d{4}-\d\d-\d\dT[0-9:.]+(Z|[+-]\d\d:\d\d)|\b[0-9.]+(µs|ms|m\d|s)[0-9.s]*| +`)

// level is a text without what differs from time to time.
func level(text string) string { return differing.ReplaceAllString(text, " ") }
