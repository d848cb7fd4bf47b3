package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/op"
)

// The operations behind the log of a run.
const (
	latestRun = "run.latest"
	readLog   = "run.log"
	streamRun = "run.stream"
)

// logsAsked is what a user wants to see of a log.
type logsAsked struct {
	step   string
	since  time.Time
	follow bool
}

// addLogsCommand hangs logs into the tree, when the server has logs.
func (a *app) addLogsCommand(root *cobra.Command) {
	if a.Ops.Find(readLog) == nil {
		return
	}
	var asked logsAsked
	var since string
	c := &cobra.Command{
		Use:   "logs RUN|TASK",
		Short: "Show what a run does, or has done",
		Long: `A line for each change of where the run and its steps stand, and between them
what the tools said. Of a task it is the newest run. With -f it goes on until the
run has ended, through waits and retries, and the exit code is that of run --wait.`,
		Example: "  ordinaut logs morning-briefing\n  ordinaut logs morning-briefing -f\n  ordinaut logs morning-briefing --step forecast --since 1h -o jsonl",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage(c, c.CommandPath()+" takes the id of a run, or the key or id of a task", "")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) (err error) {
			if asked.since, err = moment(since, time.Now()); err != nil {
				return usage(c, err.Error(), "give a time such as 1h or 2027-07-01T08:00:00Z")
			}
			run, err := a.runNamed(c.Context(), args[0])
			if err != nil {
				return err
			}
			if asked.follow {
				return a.followRun(c.Context(), run, asked)
			}
			return a.showLog(c.Context(), run, asked)
		},
	}
	c.Flags().BoolVarP(&asked.follow, "follow", "f", false, "go on until the run has ended")
	c.Flags().StringVar(&asked.step, "step", "", "only lines about this `STEP`, and what is below it")
	c.Flags().StringVar(&since, "since", "", "only lines of this `TIME` or later; 1h is an hour ago")
	root.AddCommand(c)
}

// moment is a moment, or one so long ago; zero when none is named.
func moment(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if ago, err := time.ParseDuration(text); err == nil && ago >= 0 {
		return now.Add(-ago), nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return at, fmt.Errorf("%q is not a time", text)
	}
	return at, nil
}

// runNamed is the id of a run: that which was given, or that of the newest run of
// a task.
func (a *app) runNamed(ctx context.Context, name string) (string, error) {
	if uuid.Validate(name) == nil {
		_, run, err := a.find(ctx, showRun, name)
		if err == nil || !errors.Is(err, &ordinaut.Error{Code: ordinaut.CodeRunNotFound}) {
			return run.ID, err
		}
	}
	_, run, err := a.find(ctx, latestRun, name)
	if errors.Is(err, &ordinaut.Error{Code: ordinaut.CodeTaskNotFound}) {
		return "", &ordinaut.Error{
			Code: ordinaut.CodeRunNotFound, Sent: name, Message: fmt.Sprintf("there is neither a run nor a task %q", name),
			Fix: "see ordinaut tasks list, or ordinaut runs list",
		}
	}
	return run.ID, err
}

// find asks for the run that an operation gives for a name.
func (a *app) find(ctx context.Context, operation, name string) (ans answer, run runState, err error) {
	o := a.Ops.Find(operation)
	if o == nil {
		return ans, run, fmt.Errorf("find the run: there is no operation %s", operation)
	}
	if ans, err = a.call(ctx, o, named(o, name), 0); err != nil {
		return ans, run, err
	}
	if err := json.Unmarshal(ans.body, &run); err != nil {
		return ans, run, fmt.Errorf("read the run: %w", err)
	}
	return ans, run, nil
}

// named is a request for what the path of an operation names.
func named(o *op.Op, name string) fields {
	value, _ := quoted(name) // a string always marshals
	return fields{o.PathFields()[0]: value}
}

// showLog prints the log as it is now, page by page.
func (a *app) showLog(ctx context.Context, run string, asked logsAsked) error {
	o := a.Ops.Find(readLog)
	sent := named(o, run)
	sent["limit"] = json.RawMessage("1000")
	if asked.step != "" {
		sent["step"], _ = quoted(asked.step) // a string always marshals
	}
	if !asked.since.IsZero() {
		sent["since"], _ = quoted(asked.since.Format(time.RFC3339Nano))
	}
	out := a.logPrinter()
	for {
		ans, err := a.call(ctx, o, sent, 0)
		if err != nil {
			return err
		}
		var page struct {
			Items []json.RawMessage `json:"items"`
			After json.RawMessage   `json:"next_after"`
		}
		if err := json.Unmarshal(ans.body, &page); err != nil {
			return fmt.Errorf("read the log: %w", err)
		}
		for _, item := range page.Items {
			if err := out.line(item); err != nil {
				return err
			}
		}
		if len(page.After) == 0 || string(page.After) == "null" {
			return nil
		}
		sent["after"] = page.After
	}
}

// startAndFollow asks for an operation that gives a run, and follows the run.
func (a *app) startAndFollow(ctx context.Context, o *op.Op, in *input) error {
	ans, err := a.call(ctx, o, in.sent, 0)
	if err != nil {
		return in.located(err)
	}
	var run runState
	if err := json.Unmarshal(ans.body, &run); err != nil {
		return fmt.Errorf("read the run: %w", err)
	}
	a.say("run %s", run.ID)
	return a.followRun(ctx, run.ID, logsAsked{})
}

// followRun prints the log of a run while it grows, until the run has ended.
func (a *app) followRun(ctx context.Context, run string, asked logsAsked) error {
	out := a.logPrinter()
	var end runState
	err := a.listen(ctx, run, asked.step, func(e event) error {
		switch e.name {
		case "end":
			end.ID = run
			return json.Unmarshal(e.data, &end)
		case "run", "step", "log":
			return out.since(asked.since, e.data)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return end.verdict(0)
}
