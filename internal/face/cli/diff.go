package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ordinaut/ordinaut"
)

func (a *app) diffCommand() *cobra.Command {
	var paths []string
	c := &cobra.Command{
		Use:   "diff -f FILE",
		Short: "Show what apply would change",
		Long:  "The exit code is 1 when something would change. Nothing is stored.",
		Example: `  ordinaut diff -f tasks/
  ordinaut diff -f briefing.yaml`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return a.diff(c, paths) },
	}
	filesFlag(c, &paths)
	return c
}

func (a *app) diff(c *cobra.Command, paths []string) error {
	files, err := a.taskFiles(c, paths)
	if err != nil {
		return err
	}
	changes, err := a.plan(c.Context(), files)
	if err != nil {
		return err
	}
	different := 0
	for i := range changes {
		if changes[i].Outcome != outcomeUnchanged {
			different++
		}
	}
	if a.output == "table" {
		err = a.printDiffs(changes)
	} else {
		done := applied{DryRun: true, Items: []*change{}}
		for i := range changes {
			done.Items = append(done.Items, &changes[i])
		}
		err = a.printItems(done)
	}
	if err != nil || different == 0 {
		return err
	}
	return &ordinaut.Error{
		Code: ordinaut.CodeCommandDiffers, Message: fmt.Sprintf("%d of %d tasks differ from what is stored", different, len(changes)),
		Fix: "store them: ordinaut apply -f " + shellWord(paths[0]),
	}
}

// printDiffs writes what would change, line by line.
func (a *app) printDiffs(changes []change) error {
	for _, ch := range changes {
		if ch.Outcome == outcomeUnchanged {
			continue
		}
		was, err := a.definitionLines(ch.was)
		if err != nil {
			return err
		}
		is, err := a.definitionLines(ch.is)
		if err != nil {
			return err
		}
		fmt.Fprintf(a.Stdout, "%s\n", a.paint.bold(clean(fmt.Sprintf("%s (%s, %s)", ch.Key, ch.Outcome, ch.File))))
		for _, l := range differences(was, is) {
			fmt.Fprintln(a.Stdout, a.paint.change(l))
		}
	}
	return nil
}

// definitionLines is the definition of a task in lines; none when there is no
// task.
func (a *app) definitionLines(task []byte) ([]string, error) {
	if task == nil {
		return nil, nil
	}
	shown, err := tree(task)
	if err != nil {
		return nil, fmt.Errorf("read a task: %w", err)
	}
	text, err := asYAML(a.owned(shown, false))
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n"), err
}

// change colours a line of a diff.
func (p painter) change(line string) string {
	switch {
	case strings.HasPrefix(line, "-"):
		return p.in("31", line)
	case strings.HasPrefix(line, "+"):
		return p.in("32", line)
	}
	return line
}
