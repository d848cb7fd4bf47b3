package cli_test

import (
	"net/http"
	"strings"
	"testing"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/ordinaut/ordinaut/internal/face/cli"
	"github.com/ordinaut/ordinaut/internal/face/facetest"
)

// hostile is an answer that tries everything a terminal obeys.
const hostile = `{"items":[{"key":"\u001b[2J\u009b31m\u202e` + "\u009b\u202e\u007f" + `\u0007\r\n","status":"active","title":"` + `\ud83d\ude00` + `"}],"next_cursor":"\u001b[0m"}`

// answer is a server that always gives the same answer.
func answer(status int, media, body string) *http.Client {
	return &http.Client{Transport: transport(func(*http.Request) (*http.Response, error) { return respond(status, media, body) })}
}

func answering(t *testing.T, body string) *terminal {
	t.Helper()
	u := newTerminal(t)
	u.client = answer(200, "application/json", body)
	return u
}

func TestNothingThatAServerSendsCanSteerTheTerminal(t *testing.T) {
	t.Parallel()
	problem := `{"code":"task.not_found","detail":"` + "\u009b" + `\u001b[2J","fix":"\u001b","errors":[{"code":"x","pointer":"/\u001b","message":"\u001b\u202e","value":"\u001b` + "\u009b" + `","fix":"\u0007","examples":["\u001b"]}]}`
	u := newTerminal(t)
	for _, format := range []string{"table", "json", "yaml", "jsonl", "name"} {
		for _, c := range []*http.Client{
			answer(200, "application/json", hostile),
			answer(200, "application/json", strings.Replace(hostile, `"items":`, `"heading":"\u001b","list":`, 1)),
			answer(404, "application/problem+json", problem),
			answer(500, "application/problem+json", strings.Replace(problem, "task.not_found", "internal", 1)),
			answer(200, "\x1b]0;x/y", "{}"),
		} {
			u.client = c
			got := u.run("tasks list -o " + format)
			if i := strings.IndexFunc(got.stdout+got.stderr, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }); i >= 0 {
				t.Errorf("-o %s lets %q through", format, (got.stdout + got.stderr)[i:])
			}
		}
	}
}

func TestJSONKeepsItsMeaning(t *testing.T) {
	t.Parallel()
	got := answering(t, hostile).run("tasks list -o json")
	if !sameJSON(t, got.stdout, hostile) {
		t.Errorf("got %s", got.stdout)
	}
	plain := `{"items": [{"n":1.50}]}` + "\n"
	if got := answering(t, plain).run("tasks list -o json"); got.stdout != plain {
		t.Errorf("got %q, want %q unchanged", got.stdout, plain)
	}
}

func TestTablesOfAnswersWithAndWithoutColumns(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, line, body, want string }{
		{"no items", "tasks list", `{"items":[]}`, "KEY  STATUS  TITLE  NEXT FIRE AT\n"},
		{"a value inside a value", "tasks list", `{"items":[{"key":{"a":[1,"b",null,true]}}]}`, "KEY                      STATUS  TITLE  NEXT FIRE AT\n" + `{"a":[1,"b",null,true]}` + "\n"},
		{"a long value", "tasks list", `{"items":[{"key":"` + strings.Repeat("ü", 61) + `"}]}`, "KEY" + strings.Repeat(" ", 59) + "STATUS  TITLE  NEXT FIRE AT\n" + strings.Repeat("ü", 59) + "…\n"},
		{"a list of words", "tasks get x", `{"items":["a",["b"],null]}`, "a\n[\"b\"]\n\n"},
		{"a list where none is known", "tasks get x", `{"items":[{"a":1,"b":{},"c":null,"d":"x"}]}`, "A  C  D\n1     x\n"},
		{"no object", "tasks get x", `[1,"a"]`, "- 1\n- a\n"},
		{"numbers and texts that look like others", "tasks get x", `{"a":1e5,"b":"1","c":true,"d":"no: x","e":null}`, "a: 1e5\nb: \"1\"\nc: true\nd: 'no: x'\n"},
		{"nothing to confirm", "tasks update tea", `{}`, "Changed tea\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := answering(t, c.body).run(c.line)
			if got.stdout != c.want {
				t.Errorf("got:\n%s\nwant:\n%s\n%s", got.stdout, c.want, got.stderr)
			}
		})
	}
}

func TestCompletionScripts(t *testing.T) {
	t.Parallel()
	u := newTerminal(t)
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		if got := u.run("completion " + shell); got.exit != 0 || !strings.Contains(got.stdout, "ordinaut") {
			t.Errorf("%s: got exit %d, %d bytes", shell, got.exit, len(got.stdout))
		}
	}
	got := u.runWith(t.Context(), "__complete", "tasks", "list", "--status", "")
	if !strings.Contains(got.stdout, "active\npaused\n") {
		t.Errorf("got %s", got.stdout)
	}
}

func TestEveryHelpBeginsWithExamples(t *testing.T) {
	t.Parallel()
	u := newTerminal(t)
	for _, line := range []string{"", "tasks", "tasks create", "tasks list", "tasks get", "tasks update", "tasks delete", "run", "runs", "runs get", "schedules", "schedules preview", "dev", "version", "completion", "help"} {
		got := u.run(line + " --help")
		if !strings.HasPrefix(got.stdout, "Examples:\n  ") {
			t.Errorf("ordinaut %s --help begins with %.40q", line, got.stdout)
		}
		for _, row := range strings.Split(got.stdout, "\n") {
			if strings.HasPrefix(row, "      --") && len(row) > 80 {
				t.Errorf("ordinaut %s --help has a line of %d characters: %s", line, len(row), row)
			}
		}
	}
}

func TestTheVersion(t *testing.T) {
	t.Parallel()
	u := newTerminal(t)
	if got := u.run("version"); !strings.HasPrefix(got.stdout, "ordinaut 1.2.3 (go") {
		t.Errorf("got %s", got.stdout)
	}
	if got := u.run("version -o json --url nonsense"); !strings.HasPrefix(got.stdout, `{"version":"1.2.3",`) {
		t.Errorf("got %s", got.stdout)
	}
}

func TestEveryCommandSaysWhatItDoes(t *testing.T) {
	t.Parallel()
	var check func(*cobra.Command)
	check = func(c *cobra.Command) {
		if c.Short == "" || c.Example == "" {
			t.Errorf("%s has no summary or no example", c.CommandPath())
		}
		for _, sub := range c.Commands() {
			check(sub)
		}
	}
	check(cli.New(cli.Options{Ops: facetest.Ops(t), Env: func(string) string { return "" }}))
}
