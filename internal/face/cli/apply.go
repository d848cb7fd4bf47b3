package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/op"
)

// The operations that tasks in files are brought to the server with.
const (
	createTask   = "task.create"
	getTask      = "task.get"
	listTasks    = "task.list"
	cancelTask   = "task.cancel"
	validateTask = "task.validate"
)

// addFileCommands hangs in the commands that work on files of tasks.
func (a *app) addFileCommands(root *cobra.Command) {
	root.AddCommand(a.applyCommand(), a.diffCommand(), a.exportCommand(), a.validateCommand(), a.testCommand())
}

// application is what apply was asked for.
type application struct {
	files  []string
	dryRun bool
	prune  bool
	labels map[string]string
}

func (a *app) applyCommand() *cobra.Command {
	var ask application
	c := &cobra.Command{
		Use:   "apply -f FILE",
		Short: "Make the tasks on the server those in the files",
		Long: `Each task in a file has a key. Where you have no task of that key it is created,
and otherwise it is changed to what the file says. Everything is checked before
anything is stored. With --prune, tasks that have the labels and are in no file
are canceled.`,
		Example: `  ordinaut apply -f tasks/
  ordinaut apply -f briefing.yaml --dry-run
  ordinaut apply -f tasks/ --prune --label app=home`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return a.apply(c, ask) },
	}
	filesFlag(c, &ask.files)
	c.Flags().BoolVar(&ask.dryRun, "dry-run", false, "only say what would become of it")
	c.Flags().BoolVar(&ask.prune, "prune", false, "cancel tasks that have the labels and are in no file")
	c.Flags().StringToStringVarP(&ask.labels, "label", "l", nil, "`NAME=VALUE` that --prune looks for; may be repeated")
	return c
}

func (a *app) apply(c *cobra.Command, ask application) error {
	if ask.prune != (len(ask.labels) > 0) {
		return usage(c, "--prune and --label go together", "say which tasks are those of the files, as in --prune --label app=home")
	}
	files, err := a.taskFiles(c, ask.files)
	if err != nil {
		return err
	}
	changes, err := a.plan(c.Context(), files)
	if err == nil && ask.prune {
		changes, err = a.pruned(c.Context(), changes, ask.labels)
	}
	if err != nil {
		return err
	}
	done := applied{DryRun: ask.dryRun, Items: []*change{}}
	for i := range changes {
		if err := a.makeChange(c.Context(), &changes[i], ask.dryRun); err != nil {
			return errors.Join(err, a.printApplied(done))
		}
		done.Items = append(done.Items, &changes[i])
	}
	return a.printApplied(done)
}

// pruned adds the tasks that are to be canceled: those of the same owner that
// have the labels and are in no file.
func (a *app) pruned(ctx context.Context, changes []change, labels map[string]string) ([]change, error) {
	kept, owner := map[string]bool{}, ""
	for _, ch := range changes {
		kept[ch.Key], owner = true, textOf(ch.is, "created_by")
	}
	err := a.eachTask(ctx, func(task json.RawMessage) error {
		var t struct {
			change
			CreatedBy string            `json:"created_by"`
			Labels    map[string]string `json:"labels"`
		}
		if err := json.Unmarshal(task, &t); err != nil {
			return fmt.Errorf("read a task: %w", err)
		}
		for name, value := range labels {
			if got, has := t.Labels[name]; !has || got != value {
				return nil
			}
		}
		if t.CreatedBy == owner && !kept[t.Key] && unfinished(t.Status) {
			t.Outcome, t.was = outcomeCanceled, task
			changes = append(changes, t.change)
		}
		return nil
	})
	return changes, err
}

// unfinished says whether a task of that status may still fire.
func unfinished(status string) bool {
	return slices.Contains([]string{string(ordinaut.TaskActive), string(ordinaut.TaskPaused)}, status)
}

// eachTask reads the pages of all tasks.
func (a *app) eachTask(ctx context.Context, use func(task json.RawMessage) error) error {
	ask := fields{"limit": json.RawMessage("200")}
	for {
		body, err := a.do(ctx, listTasks, ask)
		if err != nil {
			return err
		}
		var page struct {
			Items      []json.RawMessage `json:"items"`
			NextCursor *string           `json:"next_cursor"`
		}
		if err := json.Unmarshal(body, &page); err != nil {
			return fmt.Errorf("read a page of tasks: %w", err)
		}
		for _, task := range page.Items {
			if err := use(task); err != nil {
				return err
			}
		}
		if page.NextCursor == nil {
			return nil
		}
		ask["cursor"], _ = quoted(*page.NextCursor) // a string always marshals
	}
}

// do asks for an operation by its name.
func (a *app) do(ctx context.Context, name string, sent fields) (json.RawMessage, error) {
	o := a.Ops.Find(name)
	if o == nil {
		return nil, fmt.Errorf("there is no operation %s", name)
	}
	ans, err := a.call(ctx, o, sent, 0)
	return ans.body, err
}

// applied is what apply has done.
type applied struct {
	DryRun bool      `json:"dry_run"`
	Items  []*change `json:"items"`
}

func (a *app) printApplied(done applied) error {
	counts := map[string]int{}
	for _, ch := range done.Items {
		counts[ch.Outcome]++
	}
	if err := a.printItems(done, "key", "outcome", "sentence", "next_fire_at", "file"); err != nil {
		return err
	}
	var said []string
	for _, outcome := range []string{outcomeCreated, outcomeChanged, outcomeCanceled, outcomeUnchanged} {
		if counts[outcome] > 0 {
			said = append(said, fmt.Sprintf("%d %s", counts[outcome], outcome))
		}
	}
	if done.DryRun {
		a.say("this was a dry run, nothing was stored: %s", strings.Join(said, ", "))
	} else {
		a.say("%s", strings.Join(said, ", "))
	}
	return nil
}

// printItems writes what was made here in the format that was asked for; the
// columns are those of the table.
func (a *app) printItems(v any, columns ...string) error {
	body, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("write what was done: %w", err)
	}
	return a.print(&op.Op{Name: "file", Effect: op.Read, Columns: columns}, nil, answer{body: append(body, '\n')})
}

// textOf is a field of an object that holds a text.
func textOf(object json.RawMessage, name string) string {
	var all fields
	if json.Unmarshal(object, &all) != nil {
		return ""
	}
	return plain(all[name])
}
