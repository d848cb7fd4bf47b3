package server_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/ordinaut/ordinaut/internal/face/cli"
	"github.com/ordinaut/ordinaut/internal/server"
	"github.com/ordinaut/ordinaut/internal/service"
)

// TestTheCommandsAboutRunsWork carries out the commands of the page about runs,
// one after the other, against a server that works.
func TestTheCommandsAboutRunsWork(t *testing.T) {
	t.Parallel()
	page := documents(t)["runs.md"]
	file := regexp.MustCompile("(?s)`(\\w+\\.yaml)`:\n\n```yaml\n(.*?)```").FindStringSubmatch(page)
	path := filepath.Join(t.TempDir(), file[1])
	if err := os.WriteFile(path, []byte(file[2]), 0o600); err != nil {
		t.Fatal(err)
	}
	ops, err := server.Ops(t.Context(), service.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := serveWorking(t)
	env := map[string]string{"ORDINAUT_URL": s.URL, "ORDINAUT_TOKEN": s.Token, "HOME": t.TempDir()}
	vars := map[string]string{}
	line := regexp.MustCompile(`(?m)^\$ (?:(\w+)=\$\()?ordinaut (.*?)\)?(?:\s+# exit code (\d+).*)?$`)
	commands := line.FindAllStringSubmatch(page, -1)
	for _, c := range commands {
		command := os.Expand(strings.ReplaceAll(c[2], file[1], path), func(name string) string { return vars[name] })
		var out, said strings.Builder
		exit := cli.Run(t.Context(), splitWords(command), cli.Options{
			Ops: ops, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &said, Env: func(name string) string { return env[name] },
		})
		want, _ := strconv.Atoi(c[3]) // none is 0
		t.Logf("$ ordinaut %s\n%s%s", command, &out, &said)
		if exit != want {
			t.Fatalf("%s: got exit code %d, want %d: %s", c[0], exit, want, &said)
		}
		vars[c[1]] = strings.TrimSpace(out.String())
	}
	if len(commands) < 15 {
		t.Errorf("the page shows %d commands", len(commands))
	}
}

// splitWords splits a command line at spaces, except within single quotes.
func splitWords(line string) (words []string) {
	for i, part := range strings.Split(line, "'") {
		if i%2 == 1 {
			words = append(words, part)
		} else {
			words = append(words, strings.Fields(part)...)
		}
	}
	return words
}
