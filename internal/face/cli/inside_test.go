package cli

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/ordinaut/ordinaut"
)

func TestTheDataFolderOfEachSystem(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, system string
		env          map[string]string
		want         string
	}{
		{"named", "linux", map[string]string{"ORDINAUT_DATA_DIR": "/x", "HOME": "/h"}, "/x"},
		{"Linux", "linux", map[string]string{"HOME": "/h"}, "/h/.local/share/ordinaut"},
		{"Linux with a place of its own", "linux", map[string]string{"HOME": "/h", "XDG_DATA_HOME": "/d"}, "/d/ordinaut"},
		{"Linux with a relative place", "linux", map[string]string{"HOME": "/h", "XDG_DATA_HOME": "d"}, "/h/.local/share/ordinaut"},
		{"macOS", "darwin", map[string]string{"HOME": "/h"}, "/h/Library/Application Support/ordinaut"},
		{"Windows", "windows", map[string]string{"LocalAppData": "/l"}, "/l/ordinaut"},
		{"nobody's", "linux", nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := dataDir(c.system, func(name string) string { return c.env[name] })
			if got != c.want || (err == nil) != (c.want != "") {
				t.Errorf("got %q, %v, want %q", got, err, c.want)
			}
		})
	}
}

func TestColoursAreForTerminalsOnly(t *testing.T) {
	t.Parallel()
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	env := map[string]string{}
	get := func(name string) string { return env[name] }
	if !newPainter(null, get).on {
		t.Error("no colours on a character device")
	}
	for name, value := range map[string]string{"NO_COLOR": "1", "TERM": "dumb"} {
		env = map[string]string{name: value}
		if newPainter(null, get).on {
			t.Errorf("colours although %s=%s", name, value)
		}
	}
	p := painter{on: true}
	for word, want := range map[string]string{
		"succeeded": "\x1b[32msucceeded\x1b[0m", "failed": "\x1b[31mfailed\x1b[0m", "running": "\x1b[36mrunning\x1b[0m",
		"paused": "\x1b[33mpaused\x1b[0m", "tea": "tea", "": "",
	} {
		if got := p.state(word); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if got := p.bold("x"); got != "\x1b[1mx\x1b[0m" {
		t.Errorf("got %q", got)
	}
}

func TestEveryKindHasItsExitCode(t *testing.T) {
	t.Parallel()
	want := map[ordinaut.Code]int{
		ordinaut.CodeInternal: ExitFailed, ordinaut.CodeUnavailable: ExitFailed, ordinaut.CodeTaskLimit: ExitFailed,
		ordinaut.CodeRequestMalformed: ExitInvalid, ordinaut.CodeScheduleCron: ExitInvalid,
		ordinaut.CodeAuthMissing: ExitUnauthorized, ordinaut.CodeAuthScope: ExitUnauthorized,
		ordinaut.CodeTaskNotFound: ExitNotFound, ordinaut.CodeTaskState: ExitConflict,
		ordinaut.CodeCommandUsage: ExitUsage, ordinaut.CodeCommandServer: ExitUnreachable,
		ordinaut.CodeCommandRunFailed: ExitRunFailed, ordinaut.CodeCommandTimeout: ExitTimedOut,
		"made.up": ExitFailed,
	}
	for code, exit := range want {
		if got := exitOf(&ordinaut.Error{Code: code}); got != exit {
			t.Errorf("%s: got %d, want %d", code, got, exit)
		}
	}
}

func TestWordsOfAShell(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"tea": "tea", "": "''", "two words": "'two words'", "it's": `'it'\''s'`, "* *": "'* *'", "a;b": "'a;b'"} {
		if got := shellWord(text); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

func TestWordsForWhatWasDone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		verb   string
		status int
		want   string
	}{
		{"create", 201, "Created"}, {"create", 200, "Changed"}, {"update", 200, "Changed"}, {"pause", 200, "Paused"},
		{"resume", 200, "Resumed"}, {"cancel", 200, "Canceled"}, {"delete", 204, "Deleted"}, {"run", 202, "Started run"}, {"", 200, "ed"},
	} {
		if got := done(c.verb, c.status); got != c.want {
			t.Errorf("%s: got %s, want %s", c.verb, got, c.want)
		}
	}
}

func TestTheWidthOfAPaintedWord(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{"": 0, "tea": 3, "grün": 4, painter{on: true}.bold("KEY"): 3} {
		if got := width(text); got != want {
			t.Errorf("%q: got %d, want %d", text, got, want)
		}
	}
}

func FuzzYAMLBecomesValidJSONOrAnError(f *testing.F) {
	for _, text := range []string{"a: 1", "- {b: [~, .inf, 0x1F, 1_000]}", "&a [*a]", "? x\n: y", "a: !!float 1\n---\n", "\"\\ud800\"", "a: 2027-01-01\nb: |\n  x\n"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		all, err := fromYAML(text)
		for _, raw := range all {
			if err == nil && !json.Valid(raw) {
				t.Errorf("%q became %q", text, raw)
			}
		}
	})
}
