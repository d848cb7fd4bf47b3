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

	"github.com/ordinaut/ordinaut/internal/face/cli"
	"github.com/ordinaut/ordinaut/internal/face/facetest"
	"github.com/ordinaut/ordinaut/internal/server"
	"github.com/ordinaut/ordinaut/internal/service"
)

var logsConsole = regexp.MustCompile("(?s)```console\n(.*?)```")

// TestTheDocumentAboutLogsShowsWhatHappens carries out the commands of the
// document, and compares what they print with what stands there.
func TestTheDocumentAboutLogsShowsWhatHappens(t *testing.T) {
	t.Parallel()
	page := documents(t)["logs.md"]
	dir := t.TempDir()
	task := filepath.Join(dir, "tidy.json")
	if err := os.WriteFile(task, []byte(jsonBlock.FindStringSubmatch(page)[1]), 0o600); err != nil {
		t.Fatal(err)
	}
	s := serveWorking(t)
	want, got := "", ""
	for _, block := range logsConsole.FindAllStringSubmatch(page, -1) {
		for line := range strings.Lines(block[1]) {
			command, is := strings.CutPrefix(line, "$ ordinaut ")
			if !is {
				want += line
				continue
			}
			command = strings.ReplaceAll(command, "tidy.json", task)
			if out := terminal(t, s, strings.Fields(command)...); !strings.HasPrefix(command, "tasks create") {
				got += out
			}
		}
	}
	if diff := cmp.Diff(timeless(want), timeless(got)); diff != "" || want == "" {
		t.Errorf("(-in the document +printed):\n%s", diff)
	}
}

// timeless is a text without what is different each time.
func timeless(text string) string {
	for pattern, stands := range map[string]string{
		`\d{4}-\d\d-\d\d[ T][\d:.]+(Z|[+-]\d\d:\d\d)?`: "<time>", `[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`: "<id>", `"seq":\d+`: `"seq":<n>`,
	} {
		text = regexp.MustCompile(pattern).ReplaceAllString(text, stands)
	}
	return text
}

// terminal carries out a command line that must go well, and gives what it
// prints.
func terminal(t *testing.T, s facetest.Server, args ...string) string {
	t.Helper()
	ops, err := server.Ops(t.Context(), service.Options{})
	if err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"ORDINAUT_URL": s.URL, "ORDINAUT_TOKEN": s.Token, "HOME": t.TempDir()}
	var stdout, stderr bytes.Buffer
	exit := cli.Run(t.Context(), args, cli.Options{
		Ops: ops, Version: "test", Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr,
		Env: func(name string) string { return env[name] }, Client: http.DefaultClient,
	})
	if exit != cli.ExitOK {
		t.Fatalf("ordinaut %s: exit %d\n%s%s", strings.Join(args, " "), exit, &stdout, &stderr)
	}
	return stdout.String()
}
