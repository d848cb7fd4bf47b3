package cli

import (
	"fmt"
	"time"

	"go.yaml.in/yaml/v3"
)

// outputRunes is how much of a run's output its summary shows.
const outputRunes = 400

// summarize tells how a run that was waited for has ended: each step on a line,
// and what came of it. Whoever wants the arguments and results asks for the run.
func (a *app) summarize(ans answer, run runState) error {
	root, err := tree(ans.body)
	if err != nil {
		return fmt.Errorf("read the run: %w", err)
	}
	fmt.Fprintf(a.Stdout, "Run %s %s\n", clean(run.ID), a.paint.state(string(run.Status)))
	if steps := get(root, "steps"); steps != nil {
		rows := [][]string{}
		for _, step := range steps.Content {
			rows = append(rows, []string{"  " + line(get(step, "path")), line(get(step, "tool")), line(get(step, "status")), took(step)})
		}
		if len(rows) > 0 {
			a.align(rows)
		}
	}
	if output := get(root, "output"); output != nil && output.Tag != "!!null" {
		text := []rune(line(output))
		if len(text) > outputRunes {
			text = append(text[:outputRunes-1], '…')
		}
		fmt.Fprintf(a.Stdout, "Output %s\n", string(text))
	}
	if run.verdict(0) == nil {
		a.say("all of it: ordinaut runs get %s", run.ID)
	}
	return nil
}

// took is how long a step took; nothing while it has not ended.
func took(step *yaml.Node) string {
	began, err := time.Parse(time.RFC3339Nano, line(get(step, "started_at")))
	ended, err2 := time.Parse(time.RFC3339Nano, line(get(step, "finished_at")))
	if err != nil || err2 != nil {
		return ""
	}
	d := ended.Sub(began)
	if d < time.Second {
		return d.Round(100 * time.Microsecond).String()
	}
	return d.Round(10 * time.Millisecond).String()
}
