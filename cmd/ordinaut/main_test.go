package main

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"ordinaut": main})
}

// TestStories runs the real command the way people do.
func TestStories(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(e *testscript.Env) error {
			e.Setenv("ORDINAUT_DATA_DIR", filepath.Join(e.WorkDir, "data"))
			e.Setenv("TZ", "Europe/Chisinau")
			return os.CopyFS(filepath.Join(e.WorkDir, "examples"), os.DirFS("../../examples"))
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"ready": ready, "lines": lines},
	})
}

// ready waits until the server of the data folder can work.
func ready(ts *testscript.TestScript, _ bool, _ []string) {
	limit := time.After(20 * time.Second)
	retry := time.NewTicker(10 * time.Millisecond)
	defer retry.Stop()
	for {
		if answers(filepath.Join(ts.Getenv("ORDINAUT_DATA_DIR"), "server.json")) {
			return
		}
		select {
		case <-retry.C:
		case <-limit:
			ts.Fatalf("the server did not get ready")
		}
	}
}

func answers(file string) bool {
	text, err := os.ReadFile(file)
	var running struct{ URL string }
	if err != nil || json.Unmarshal(text, &running) != nil {
		return false
	}
	res, err := http.Get(running.URL + "/readyz")
	if err != nil {
		return false
	}
	res.Body.Close()
	return res.StatusCode == http.StatusOK
}

// lines fails when the last output has more lines than it is given.
func lines(ts *testscript.TestScript, _ bool, args []string) {
	most, err := strconv.Atoi(args[0])
	ts.Check(err)
	out := strings.TrimSuffix(ts.ReadFile("stdout"), "\n")
	if got := strings.Count(out, "\n") + 1; got > most {
		ts.Fatalf("the output has %d lines, want at most %d", got, most)
	}
}

var console = regexp.MustCompile(`(?m)^\$ ordinaut (schedules .*)$`)

// TestTheCommandsInTheDocumentsWork runs the previews that the documents show.
func TestTheCommandsInTheDocumentsWork(t *testing.T) {
	t.Parallel()
	ran := 0
	for _, path := range []string{"../../README.md", "../../docs/learn/schedules.md"} {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, command := range console.FindAllStringSubmatch(string(text), -1) {
			var out, errs strings.Builder
			env := func(name string) string {
				if name == "ORDINAUT_DATA_DIR" {
					return t.TempDir()
				}
				return ""
			}
			if code := run(words(command[1]), strings.NewReader(""), &out, &errs, env); code != 0 {
				t.Errorf("%s: exit code %d: %s", command[0], code, errs.String())
			}
			ran++
		}
	}
	if ran == 0 {
		t.Error("the documents show no previews")
	}
}

// words splits a command line at spaces, except within double quotes.
func words(line string) []string {
	var all []string
	for i, part := range strings.Split(line, `"`) {
		if i%2 == 1 {
			all = append(all, part)
		} else {
			all = append(all, strings.Fields(part)...)
		}
	}
	return all
}
