package cli

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ordinaut/ordinaut/internal/op"
)

// compareRuns is the operation that compares two runs.
const compareRuns = "run.compare"

func (a *app) compareCommand(o *op.Op) *cobra.Command {
	return &cobra.Command{
		Use:     "compare RUN OTHER",
		Short:   o.Summary,
		Long:    o.Details,
		Example: "  ordinaut runs compare 0198c4d2-7a31-7c55-9d0e-3f1f6f0a2b11 0198c4d9-11c2-7b0e-8a4f-5d2c6b7e9f02",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 2 {
				return usage(c, c.CommandPath()+" takes the ids of two runs", "usage: "+c.UseLine())
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return a.compare(c, o, args[0], args[1]) },
	}
}

// comparison is what the server says of two runs.
type comparison struct {
	Run         comparedRun    `json:"run"`
	Other       comparedRun    `json:"other"`
	Steps       []comparedStep `json:"steps"`
	Differences []struct {
		Step string          `json:"step"`
		Of   string          `json:"of"`
		Path string          `json:"path"`
		Was  json.RawMessage `json:"was"`
		Is   json.RawMessage `json:"is"`
	} `json:"differences"`
	More bool `json:"more"`
}

type comparedRun struct {
	ID       string `json:"id"`
	TaskID   string `json:"task_id"`
	Version  int    `json:"task_version"`
	Trigger  string `json:"trigger"`
	Status   string `json:"status"`
	WorkedMS int64  `json:"worked_ms"`
}

type comparedStep struct {
	Path        string `json:"path"`
	Status      string `json:"status"`
	OtherStatus string `json:"other_status"`
	TookMS      *int64 `json:"took_ms"`
	OtherTookMS *int64 `json:"other_took_ms"`
	Input       int    `json:"input"`
	Output      int    `json:"output"`
}

func (a *app) compare(c *cobra.Command, o *op.Op, run, other string) error {
	sent := fields{}
	sent["run"], _ = quoted(run) // a text always marshals
	sent["other"], _ = quoted(other)
	ans, err := a.call(c.Context(), o, sent, 0)
	if err != nil || a.output != "table" {
		if err == nil {
			err = a.print(o, nil, ans)
		}
		return err
	}
	var both comparison
	if err := json.Unmarshal(ans.body, &both); err != nil {
		return fmt.Errorf("read the comparison: %w", err)
	}
	a.printComparison(both)
	return nil
}

// printComparison writes the runs side by side, their steps, and what differs.
func (a *app) printComparison(c comparison) {
	bold := func(words ...string) []string {
		for i := range words {
			words[i] = a.paint.bold(words[i])
		}
		return words
	}
	r, o := c.Run, c.Other
	a.align([][]string{
		bold("", "RUN", "OTHER"),
		{"id", clean(r.ID), clean(o.ID)},
		{"task", clean(r.TaskID), clean(o.TaskID)},
		{"version", fmt.Sprint(r.Version), fmt.Sprint(o.Version)},
		{"trigger", clean(r.Trigger), clean(o.Trigger)},
		{"status", clean(r.Status), clean(o.Status)},
		{"worked", howLong(&r.WorkedMS), howLong(&o.WorkedMS)},
	})
	fmt.Fprintln(a.Stdout)
	rows := [][]string{bold("STEP", "STATUS", "TOOK", "INPUT", "OUTPUT")}
	for _, s := range c.Steps {
		rows = append(rows, []string{
			clean(s.Path), turned(clean(s.Status), clean(s.OtherStatus)), turned(howLong(s.TookMS), howLong(s.OtherTookMS)), s.differ(s.Input), s.differ(s.Output),
		})
	}
	a.align(rows)
	if len(c.Differences) == 0 {
		return
	}
	fmt.Fprintln(a.Stdout)
	rows = [][]string{bold("DIFFERENCE", "WAS", "IS")}
	for _, d := range c.Differences {
		at := strings.TrimSpace(d.Step + " " + d.Of + d.Path)
		rows = append(rows, []string{clean(at), short(d.Was), short(d.Is)})
	}
	a.align(rows)
	if c.More {
		a.say("there are more differences than are told")
	}
}

// turned is a value that has become another one.
func turned(was, is string) string {
	if was == is {
		return was
	}
	return dash(was) + " → " + dash(is)
}

// dash stands for nothing.
func dash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

// howLong is a time in milliseconds as people read it; empty when there is none.
func howLong(ms *int64) string {
	if ms == nil {
		return ""
	}
	return (time.Duration(*ms) * time.Millisecond).String()
}

// differ says in how many values something of a step differs that both runs have.
func (s comparedStep) differ(n int) string {
	switch {
	case s.Status == "" || s.OtherStatus == "":
		return "-"
	case n == 0:
		return "same"
	case n == 1:
		return "1 differs"
	}
	return fmt.Sprintf("%d differ", n)
}

// short is a value in one line that is not too long.
func short(value json.RawMessage) string {
	const most = 40
	text := []rune(clean(string(value)))
	if len(text) > most {
		text = append(text[:most-1], '…')
	}
	return dash(string(text))
}
