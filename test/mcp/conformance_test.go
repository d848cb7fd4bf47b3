package mcp

import (
	"encoding/json"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/ordinaut/ordinaut/test/realtest"
)

// TestClientConforms runs the protocol project's own suites against our client.
// A scenario that fails must be in testdata/conformance.txt, with the reason.
func TestClientConforms(t *testing.T) {
	t.Parallel()
	n, client := fromNPM(t), realtest.Build(t, "./conformance-client")
	known := newExceptions(t)
	for _, suite := range [][]string{{"--suite", "core"}, {"--requirements", "2025-11-25"}, {"--requirements", "2026-07-28"}} {
		t.Run(suite[1], func(t *testing.T) {
			results := t.TempDir()
			report := n.conformance(t, append(suite, "--command", client, "--output-dir", results)...)
			for _, s := range scenarios(t, report) {
				if s.ok() {
					continue
				}
				told := failures(t, results, s.name)
				if !known.allow(s.name) || strings.Contains(told, malformed) {
					t.Errorf("%s: %d checks passed and %d failed:\n%s", s.name, s.passed, s.failed, told)
				}
			}
			t.Log(report)
		})
	}
	for _, pattern := range known.unused() {
		t.Errorf("%s passes everywhere: take it out of %s", pattern, exceptionsFile)
	}
}

// malformed is the check that fails when we send what the protocol's schema does
// not allow. There is no reason for that in any scenario.
const malformed = "wire-schema-valid"

// conformance runs the suite's command and gives what it prints. That it fails is
// judged by what it prints.
func (n node) conformance(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), n.bin, append([]string{n.script("conformance"), "client"}, args...)...)
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if _, failed := err.(*exec.ExitError); err != nil && !failed {
		t.Fatal(err)
	}
	if !strings.Contains(string(out), "\nTotal: ") {
		t.Fatalf("the suite gave no result: %v\n%s%s", err, out, said.String())
	}
	return string(out)
}

// scenario is the result of one scenario.
type scenario struct {
	name           string
	passed, failed int
}

// ok says whether the scenario was run and nothing in it failed.
func (s scenario) ok() bool { return s.passed > 0 && s.failed == 0 }

var scenarioLine = regexp.MustCompile(`(?m)^[✓✗] (\S+): (\d+) passed, (\d+) failed`)

func scenarios(t *testing.T, report string) []scenario {
	t.Helper()
	var all []scenario
	for _, m := range scenarioLine.FindAllStringSubmatch(report, -1) {
		s := scenario{name: m[1]}
		s.passed, _ = strconv.Atoi(m[2])
		s.failed, _ = strconv.Atoi(m[3])
		all = append(all, s)
	}
	if len(all) == 0 {
		t.Fatalf("no scenario was run:\n%s", report)
	}
	return all
}

// failures tells which checks of a scenario failed.
func failures(t *testing.T, results, scenario string) string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(results, filepath.FromSlash(scenario)+"-2*", "checks.json"))
	if err != nil {
		t.Fatal(err)
	}
	var told strings.Builder
	for _, file := range paths {
		var checks []struct{ ID, Status, Description, ErrorMessage string }
		if err := json.Unmarshal(readFile(t, file), &checks); err != nil {
			t.Fatal(err)
		}
		for _, c := range checks {
			if c.Status == "FAILURE" {
				told.WriteString(c.ID + ": " + c.Description + ": " + c.ErrorMessage + "\n")
			}
		}
		stderr, _ := os.ReadFile(filepath.Join(filepath.Dir(file), "stderr.txt"))
		told.Write(stderr)
	}
	return told.String()
}

const exceptionsFile = "testdata/conformance.txt"

// exceptions are the scenarios that may fail. A pattern is true once it was
// needed.
type exceptions map[string]bool

// newExceptions reads the lines "pattern — reason" of the file.
func newExceptions(t *testing.T) exceptions {
	t.Helper()
	known := exceptions{}
	for line := range strings.Lines(string(readFile(t, exceptionsFile))) {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		pattern, reason, ok := strings.Cut(line, " — ")
		if !ok || reason == "" {
			t.Errorf("%s: %q has no reason", exceptionsFile, line)
		}
		known[pattern] = false
	}
	return known
}

func (e exceptions) allow(scenario string) bool {
	allowed := false
	for pattern := range e {
		if ok, _ := path.Match(pattern, scenario); ok {
			e[pattern], allowed = true, true
		}
	}
	return allowed
}

func (e exceptions) unused() (patterns []string) {
	for pattern, needed := range e {
		if !needed {
			patterns = append(patterns, pattern)
		}
	}
	return patterns
}
