package cli

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/ordinaut/ordinaut"
)

// validated is one task that is good.
type validated struct {
	Key      string            `json:"key,omitempty"`
	Sentence string            `json:"sentence"`
	Fires    []json.RawMessage `json:"fires"`
	NextFire json.RawMessage   `json:"next_fire_at"`
	File     string            `json:"file"`
	Warnings []sentFault       `json:"warnings,omitempty"`
}

func (a *app) validateCommand() *cobra.Command {
	var paths []string
	c := &cobra.Command{
		Use:   "validate -f FILE",
		Short: "Check tasks in files without storing them",
		Long:  "All faults in all files are told at once. It works without a server too; what the tools of servers take is then not known.",
		Example: `  ordinaut validate -f briefing.yaml
  ordinaut validate -f tasks/ -o json`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return a.validate(c, paths) },
	}
	filesFlag(c, &paths)
	return c
}

func (a *app) validate(c *cobra.Command, paths []string) error {
	files, err := a.taskFiles(c, paths)
	if err != nil {
		return err
	}
	var faults ordinaut.Errors
	good := struct {
		Items []validated `json:"items"`
	}{[]validated{}}
	for _, f := range files {
		one, err := a.validateOne(c, f)
		if err := f.inFile(err, &faults); err != nil {
			return err
		}
		good.Items = append(good.Items, one)
	}
	if err := faults.Err(); err != nil {
		return err
	}
	if err := a.printItems(good, "key", "sentence", "next_fire_at", "file"); err != nil || a.output != "table" {
		return err
	}
	for i, one := range good.Items {
		for _, w := range one.Warnings {
			a.say("warning: %s: %s", files[i].name, w.Message)
		}
	}
	return nil
}

// validateOne asks what is to be said of one task.
func (a *app) validateOne(c *cobra.Command, f taskFile) (validated, error) {
	one := validated{Key: f.key(), File: f.path}
	body, err := a.do(c.Context(), validateTask, f.fields)
	if err != nil {
		return one, err
	}
	if err := json.Unmarshal(body, &one); err != nil {
		return one, fmt.Errorf("read what is to be said of %s: %w", f.name, err)
	}
	if len(one.Fires) > 0 {
		one.NextFire = one.Fires[0]
	}
	return one, nil
}
