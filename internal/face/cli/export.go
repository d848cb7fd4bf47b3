package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/danielgtaylor/huma/v2"
	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"
)

// fingerprintsField holds how the tools of a task were defined, which is true of
// one server only.
const fingerprintsField = "tool_fingerprints"

// exportation is what export was asked for.
type exportation struct {
	folder string
	pinned bool
}

func (a *app) exportCommand() *cobra.Command {
	var ask exportation
	c := &cobra.Command{
		Use:   "export [TASK…]",
		Short: "Write tasks as files that apply takes",
		Long: `Writes what the owner of each task has said, without what is as it would be anyway.
Applied again, the files change nothing. Without names, all tasks that may still
fire are written; whether a task is paused is not.`,
		Example: `  ordinaut export > tasks.yaml
  ordinaut export morning-briefing -o json
  ordinaut export --to tasks/`,
		RunE: func(c *cobra.Command, names []string) error { return a.export(c, ask, names) },
	}
	c.Flags().StringVar(&ask.folder, "to", "", "write one file for each task into a `FOLDER`")
	c.Flags().BoolVar(&ask.pinned, "fingerprints", false, "also write how the tools of servers were defined, so that apply refuses others")
	return c
}

func (a *app) export(c *cobra.Command, ask exportation, names []string) error {
	count := 0
	write := func(task json.RawMessage) error {
		text, err := a.definition(task, ask.pinned)
		if err != nil {
			return err
		}
		if count++; ask.folder != "" {
			return a.writeTask(ask.folder, textOf(task, "key"), text)
		}
		if count > 1 && !a.forPrograms() {
			text = append([]byte("---\n"), text...)
		}
		_, err = a.Stdout.Write(text)
		return err
	}
	for _, name := range names {
		key, _ := quoted(name) // a string always marshals
		task, err := a.do(c.Context(), getTask, fields{"task": key})
		if err != nil {
			return err
		}
		if err := write(task); err != nil {
			return err
		}
	}
	if len(names) > 0 {
		return nil
	}
	return a.eachTask(c.Context(), func(task json.RawMessage) error {
		if !unfinished(textOf(task, "status")) {
			return nil
		}
		return write(task)
	})
}

// writeTask writes the file of one task. Keys are letters, digits and hyphens,
// so that they are names of files.
func (a *app) writeTask(folder, key string, text []byte) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("make the folder: %w", err)
	}
	ending := ".yaml"
	if a.forPrograms() {
		ending = ".json"
	}
	file := filepath.Join(folder, filepath.Base(key)+ending)
	if err := os.WriteFile(file, text, 0o644); err != nil {
		return fmt.Errorf("write the task: %w", err)
	}
	fmt.Fprintln(a.Stdout, clean(file))
	return nil
}

// definition is a task as its owner would write it, in the format that was asked
// for.
func (a *app) definition(task json.RawMessage, pinned bool) ([]byte, error) {
	shown, err := tree(task)
	if err != nil {
		return nil, fmt.Errorf("read a task: %w", err)
	}
	own := a.owned(shown, pinned)
	if !a.forPrograms() {
		return asYAML(own)
	}
	var text bytes.Buffer
	if err := json.Indent(&text, []byte(compact(own)), "", "  "); err != nil || a.output == "jsonl" {
		return append([]byte(compact(own)), '\n'), err
	}
	return append(tame(text.Bytes()), '\n'), nil
}

// owned is the fields of a task that its owner may write and that are not as
// they would be anyway. What it does stands at the end.
func (a *app) owned(shown *yaml.Node, pinned bool) *yaml.Node {
	own := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	var last []*yaml.Node
	schema := a.Ops.RequestSchema(a.Ops.Find(createTask))
	for i := 0; i+1 < len(shown.Content); i += 2 {
		name, value := shown.Content[i], shown.Content[i+1]
		field := schema.Properties[name.Value]
		switch {
		case field == nil, name.Value == "created_by", name.Value == fingerprintsField && !pinned:
		case !slices.Contains(schema.Required, name.Value) && isDefault(field, value):
		case name.Value == "payload":
			last = []*yaml.Node{name, value}
		default:
			own.Content = append(own.Content, name, value)
		}
	}
	own.Content = append(own.Content, last...)
	return own
}

// isDefault says whether a value is what the field has when it is not sent.
func isDefault(field *huma.Schema, value *yaml.Node) bool {
	text := compact(value)
	if field.Default != nil {
		raw, err := json.Marshal(field.Default)
		return err == nil && string(raw) == text
	}
	return slices.Contains([]string{"null", `""`, "0", "false", "[]", "{}"}, text)
}
