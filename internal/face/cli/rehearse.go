package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ordinaut/ordinaut"
)

// testPipeline is the operation that carries out a pipeline with mocks.
const testPipeline = "pipeline.test"

// rehearsed is what became of the cases of one file.
type rehearsed struct {
	File   string          `json:"file"`
	Mocks  string          `json:"mocks,omitempty"`
	Passed bool            `json:"passed"`
	Cases  []rehearsedCase `json:"cases"`

	whole json.RawMessage
}

// rehearsedCase is what people are shown of a case.
type rehearsedCase struct {
	Name       string             `json:"name"`
	Passed     bool               `json:"passed"`
	Status     string             `json:"status"`
	Attempts   int                `json:"attempts"`
	Stopped    *ordinaut.Failure  `json:"stopped"`
	Calls      []json.RawMessage  `json:"calls"`
	Told       []string           `json:"told"`
	Mismatches []rehearsedMistake `json:"mismatches"`
}

type rehearsedMistake struct {
	At      string          `json:"at"`
	Message string          `json:"message"`
	Want    json.RawMessage `json:"want"`
	Got     json.RawMessage `json:"got"`
}

func (a *app) testCommand() *cobra.Command {
	var paths []string
	var mocks string
	c := &cobra.Command{
		Use:   "test -f FILE",
		Short: "Try tasks with mocks in place of tools",
		Long: `Carries out the pipeline of a task in this process: without a server, without
storing anything, without calling any tool but those that only compute. The mocks
and what each case expects stand in a file beside that of the task, called
TASK.mocks.yaml, or mocks.yaml beside a task.yaml, or in the one that --mock
names. Of a folder, every task with mocks is tried. No time passes: waits are over
at once, and decisions are mocks too. The exit code is 1 when a case does not go
as expected.`,
		Example: `  ordinaut test -f briefing.yaml
  ordinaut test -f briefing.yaml --mock mocks.yaml -o json
  ordinaut test -f tasks/`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return a.test(c, paths, mocks) },
	}
	filesFlag(c, &paths)
	c.Flags().StringVar(&mocks, "mock", "", "`FILE` of mocks and cases, for a single task")
	return c
}

func (a *app) test(c *cobra.Command, paths []string, mocks string) error {
	files, err := a.taskFiles(c, paths)
	if err != nil {
		return err
	}
	if mocks != "" && len(files) > 1 {
		return usage(c, fmt.Sprintf("--mock is for one task, and there are %d", len(files)), "put the mocks of each task beside it, as TASK.mocks.yaml")
	}
	var all []rehearsed
	var faults ordinaut.Errors
	for _, f := range files {
		file := mocks
		if file == "" {
			file = mocksOf(f.path)
		}
		if file == "" && !slices.Contains(paths, f.path) {
			a.say("left out %s: it has no mocks", f.name)
			continue
		}
		one, err := a.rehearse(c, f, file)
		if err := inEither(err, f, file, &faults); err != nil {
			return err
		}
		all = append(all, one)
	}
	if err := faults.Err(); err != nil {
		return err
	}
	if err := a.printRehearsed(all); err != nil {
		return err
	}
	return verdictOn(all)
}

// mocksOf is the file of mocks beside that of a task, if there is one. A task that
// has a folder to itself, as task.yaml, has its mocks in mocks.yaml.
func mocksOf(file string) string {
	name := strings.TrimSuffix(file, filepath.Ext(file))
	stems := []string{name + ".mocks"}
	if filepath.Base(name) == "task" {
		stems = append(stems, filepath.Join(filepath.Dir(file), "mocks"))
	}
	for _, stem := range stems {
		for _, ending := range extensions() {
			if info, err := os.Stat(stem + ending); err == nil && !info.IsDir() {
				return stem + ending
			}
		}
	}
	return ""
}

// rehearse tries one task.
func (a *app) rehearse(c *cobra.Command, f taskFile, mocks string) (rehearsed, error) {
	r := rehearsed{File: f.path, Mocks: mocks}
	if f.fields["payload"] == nil && f.fields["pipeline"] != nil {
		payload, _ := json.Marshal(f.fields) // it was JSON before
		f.fields = fields{"payload": payload}
	}
	task, err := json.Marshal(f.fields)
	if err != nil {
		return r, fmt.Errorf("write the task: %w", err)
	}
	ask := fields{"task": task}
	if mocks != "" {
		if ask["script"], err = a.readDocument(mocks); err != nil {
			return r, badFile(mocks, err)
		}
	}
	o := a.Ops.Find(testPipeline)
	if o == nil {
		return r, errors.New("there is no operation " + testPipeline)
	}
	ans, err := a.compute(c.Context(), o, ask)
	if err != nil {
		return r, err
	}
	r.whole = ans.body
	return r, json.Unmarshal(ans.body, &r)
}

// inEither says of faults whether they are in the file of the task or in that of
// the mocks.
func inEither(err error, task taskFile, mocks string, faults *ordinaut.Errors) error {
	if err == nil {
		return nil
	}
	for _, f := range ordinaut.AsError(err).All() {
		in := task
		at, inMocks := strings.CutPrefix(f.At, "/script")
		if inMocks {
			in = taskFile{name: mocks}
		}
		if err := in.inFile(f.Moved(strings.TrimPrefix(at, "/task")), faults); err != nil {
			return err
		}
	}
	return nil
}

func passed(all []rehearsed) bool {
	return !slices.ContainsFunc(all, func(r rehearsed) bool { return !r.Passed })
}

// verdictOn is nil when every case went as expected.
func verdictOn(all []rehearsed) error {
	cases, failed := 0, 0
	for _, r := range all {
		for _, c := range r.Cases {
			if cases++; !c.Passed {
				failed++
			}
		}
	}
	switch {
	case cases == 0:
		return &ordinaut.Error{
			Code: ordinaut.CodeRehearsalFailed, Message: "there is nothing to try: no task has mocks",
			Fix: "write them beside the task, as TASK.mocks.yaml",
		}
	case failed > 0:
		return &ordinaut.Error{
			Code: ordinaut.CodeRehearsalFailed, Message: fmt.Sprintf("%d of %d cases did not go as expected", failed, cases),
			Fix: "mend the task, or what the case expects",
		}
	}
	return nil
}
