package examples

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ordinaut/ordinaut/internal/face/cli"
	"github.com/ordinaut/ordinaut/internal/op"
	"github.com/ordinaut/ordinaut/internal/server"
	"github.com/ordinaut/ordinaut/internal/service"
)

var update = flag.Bool("update", false, "write the golden files anew")

const folder = "../../examples"

// example is a task with the mocks that it is tried with.
type example struct{ name, task, mocks string }

// examples are those with a folder to themselves, and those that are one file.
func examples(t *testing.T) (all []example) {
	t.Helper()
	for _, pattern := range []string{"*/task.yaml", "*/task.json", "*.json"} {
		tasks, err := filepath.Glob(filepath.Join(folder, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, task := range tasks {
			e := example{name: strings.TrimSuffix(filepath.Base(task), ".json"), task: task, mocks: strings.TrimSuffix(task, ".json") + ".mocks.yaml"}
			if filepath.Dir(task) != folder {
				e.name, e.mocks = filepath.Base(filepath.Dir(task)), filepath.Join(filepath.Dir(task), "mocks.yaml")
			}
			all = append(all, e)
		}
	}
	slices.SortFunc(all, func(a, b example) int { return strings.Compare(a.name, b.name) })
	return all
}

// operations is what the command line asks when there is no server.
func operations(t *testing.T) *op.Set {
	t.Helper()
	ops, err := server.Ops(t.Context(), service.Options{Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return ops
}

// ordinaut runs the command, and gives what it says.
func ordinaut(ctx context.Context, ops *op.Set, args ...string) (out, errs string, exit int) {
	var stdout, stderr bytes.Buffer
	exit = cli.Run(ctx, args, cli.Options{
		Ops: ops, Version: "test", Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr,
		Env: func(string) string { return "" },
	})
	return stdout.String(), stderr.String(), exit
}

// TestEveryExampleDoesWhatItsCasesSay tries each as ordinaut test does. The golden
// file holds what the command says of it.
func TestEveryExampleDoesWhatItsCasesSay(t *testing.T) {
	t.Parallel()
	ops := operations(t)
	for _, e := range examples(t) {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			got, errs, exit := ordinaut(t.Context(), ops, "test", "-f", e.task, "--mock", e.mocks)
			if exit != 0 {
				t.Fatalf("exit %d\n%s%s", exit, got, errs)
			}
			told := fmt.Sprintf("$ ordinaut test -f %s --mock %s\n%s", e.task, e.mocks, got)
			golden(t, filepath.Join("testdata", e.name+".txt"), strings.ReplaceAll(filepath.ToSlash(told), folder, "examples"))
		})
	}
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

// TestEveryExampleIsTriedWell holds that its cases show more than that it works.
func TestEveryExampleIsTriedWell(t *testing.T) {
	t.Parallel()
	ops := operations(t)
	for _, e := range examples(t) {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			out, errs, _ := ordinaut(t.Context(), ops, "test", "-f", e.task, "--mock", e.mocks, "-o", "json")
			var told struct {
				Items []struct {
					Cases []struct {
						Steps []struct{ ID, Status string }
					}
				}
			}
			if err := json.Unmarshal([]byte(out), &told); err != nil || len(told.Items) != 1 {
				t.Fatalf("got %v, %s%s", err, out, errs)
			}
			cases := told.Items[0].Cases
			if len(cases) < 2 {
				t.Errorf("it has %d cases, want at least 2", len(cases))
			}
			reached := map[string]bool{}
			for _, c := range cases {
				for _, s := range c.Steps {
					id := item.ReplaceAllString(s.ID, "")
					reached[id] = reached[id] || s.Status == "succeeded" || s.Status == "failed"
				}
			}
			for id, ok := range reached {
				if !ok {
					t.Errorf("no case comes to the step %s", id)
				}
			}
		})
	}
}

// TestEveryExampleIsATaskThatIsTaken validates the tasks whole, with their
// schedules.
func TestEveryExampleIsATaskThatIsTaken(t *testing.T) {
	t.Parallel()
	ops := operations(t)
	for _, e := range examples(t) {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			if out, errs, exit := ordinaut(t.Context(), ops, "validate", "-f", e.task, "--url", "http://127.0.0.1:1"); exit != 0 {
				t.Errorf("exit %d\n%s%s", exit, out, errs)
			}
		})
	}
}

var (
	row   = regexp.MustCompile(`(?m)^\| \[([a-z-]+)\]\(([^)]+)\) \|.*\| ([^|]*) \|$`)
	named = regexp.MustCompile("`([^`]+)`")
	item  = regexp.MustCompile(`\[\d+\]`)
)

// TestTheTableOfExamplesIsComplete holds that README.md lists each, and that the
// fields it names are there.
func TestTheTableOfExamplesIsComplete(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile(filepath.Join(folder, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]string{}
	for _, r := range row.FindAllStringSubmatch(string(readme), -1) {
		listed[r[1]] = r[3]
		if _, err := os.Stat(filepath.Join(folder, r[2])); err != nil {
			t.Errorf("%s: %v", r[1], err)
		}
	}
	for _, e := range examples(t) {
		fields, ok := listed[e.name]
		if !ok {
			t.Errorf("%s is not in the table", e.name)
		}
		delete(listed, e.name)
		task, err := os.ReadFile(e.task)
		if err != nil {
			t.Fatal(err)
		}
		for _, field := range named.FindAllStringSubmatch(fields, -1) {
			if !strings.Contains(string(task), field[1]) {
				t.Errorf("the table says that %s has %s", e.name, field[1])
			}
		}
	}
	if len(listed) > 0 {
		t.Errorf("the table has what there is not: %s", fmt.Sprint(listed))
	}
}
