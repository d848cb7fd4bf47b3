package mcp

import (
	"encoding/json"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/internal/service"
	"github.com/ordinaut/ordinaut/test/realtest"
)

// TestWhatAToolAnswersIsOnlyData has a tool answer with every line of the corpus
// of injections and hands the answer on, as a whole and inside of a text. Nothing
// may be expanded or change by a byte, and no call may be made that the pipeline
// does not make.
func TestWhatAToolAnswersIsOnlyData(t *testing.T) {
	t.Parallel()
	lines, folder := injections(t), t.TempDir()
	corpus, err := json.Marshal(lines)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(folder, "lines.json"), corpus)
	o := start(t, map[string]any{"parrot": desk(t, "parrot", folder)})
	id := o.Create(t, handingOn())
	runs := make([]service.Run, len(lines))
	for n := range lines {
		o.Ask(t, http.MethodPost, "/v1/tasks/"+string(id)+"/run", map[string]any{"params": map[string]any{"n": n}}, &runs[n])
	}
	for n, line := range lines {
		if runs[n] = o.Wait(t, runs[n].ID); runs[n].Status != ordinaut.RunSucceeded {
			t.Fatalf("%.200q: the run is %s: %+v", line, runs[n].Status, runs[n].Error)
		}
	}
	heard := map[string]received{}
	all := calls(t, folder, "parrot")
	for _, c := range all {
		heard[c.key()] = c
	}
	if want := len(lines) * len(runs[0].Steps); len(all) != want || len(heard) != want {
		t.Errorf("the tools were called %d times by %d steps, want %d", len(all), len(heard), want)
	}
	for n, line := range lines {
		checkUntouched(t, line, runs[n], heard)
	}
	t.Logf("%d payloads, %d runs, %d calls", len(lines), len(runs), len(all))
}

// handingOn is a task in which the answer of a tool becomes the argument of
// another, in each way there is.
func handingOn() map[string]any {
	hear := func(id, value string) realtest.Step {
		return realtest.Step{"id": id, "uses": "parrot.hear", "with": map[string]any{"value": value}}
	}
	n := map[string]any{"n": "${params.n}"}
	handing := realtest.Manual("Hand on",
		realtest.Step{"id": "said", "uses": "parrot.say", "with": n},
		realtest.Step{"id": "plain", "uses": "parrot.say_plainly", "with": n},
		hear("whole", "${steps.said}"),
		hear("inside", "before ${steps.said.text} after"),
		hear("plainly", "${steps.plain.text}"),
	)
	handing["payload"].(map[string]any)["params"] = map[string]any{"canary": canary, "n": 0}
	return handing
}

// checkUntouched wants a run to have stored and handed on exactly the line.
func checkUntouched(t *testing.T, line string, run service.Run, heard map[string]received) {
	t.Helper()
	if got := value(t, run.Output); !cmp.Equal(map[string]any{"value": line}, got) {
		t.Errorf("%.200q: the output of the run is %.200q", line, got)
	}
	text := map[string]any{"text": line}
	inside := "before " + line + " after"
	stored := map[string]any{
		"said": text, "whole": map[string]any{"value": text},
		"inside": map[string]any{"value": inside}, "plainly": map[string]any{"value": line},
	}
	for _, s := range run.Steps {
		if want, ok := stored[s.Path]; ok && !cmp.Equal(want, value(t, s.Output)) {
			t.Errorf("%.200q: step %s stored %.200s", line, s.Path, s.Output)
		}
		if plain, _ := value(t, s.Output).(map[string]any); s.Path == "plain" && plain["text"] != line {
			t.Errorf("%.200q: step plain stored %.200s", line, s.Output)
		}
	}
	for path, want := range map[string]any{"whole": text, "inside": inside, "plainly": line} {
		got := value(t, heard[string(run.ID)+"/"+path].Arguments)
		if !cmp.Equal(map[string]any{"value": want}, got) {
			t.Errorf("%.200q: step %s arrived as %.200v", line, path, got)
		}
	}
}

func value(t *testing.T, raw json.RawMessage) (v any) {
	t.Helper()
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatalf("%v in %.200q", err, raw)
	}
	return v
}

// injections is the corpus, with what is too large to write down.
func injections(t *testing.T) []string {
	t.Helper()
	var lines []string
	for line := range strings.Lines(string(readFile(t, "testdata/injections.txt"))) {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		text, err := strconv.Unquote(line)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		lines = append(lines, text)
	}
	const largest = limits.StepOutputBytes - 1<<10 // with room for the rest of an answer
	for _, part := range []string{"${", "$${params.canary}", "(", "\u202e"} {
		lines = append(lines, strings.Repeat(part, largest/len(part)))
	}
	if len(lines) < 250 {
		t.Fatalf("the corpus has %d payloads, want 250 at least", len(lines))
	}
	return lines
}
