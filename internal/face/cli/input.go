package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/spf13/cobra"

	"github.com/ordinaut/ordinaut/internal/op"
)

// waitField is the request's field that --wait stands for.
const waitField = "wait_seconds"

// input gathers one request from arguments, flags and a file.
type input struct {
	app        *app
	op         *op.Op
	properties map[string]*huma.Schema
	required   []string

	sent  fields
	from  map[string]string // where each field came from, as the user sees it
	file  string
	reset []string
	wait  wait

	follow bool   // the run that the operation gives
	done   string // the word for what was done; "" is that of the operation
}

func newInput(a *app, o *op.Op) *input {
	schema := a.Ops.RequestSchema(o)
	in := &input{app: a, op: o, properties: map[string]*huma.Schema{}, required: schema.Required, sent: fields{}, from: map[string]string{}}
	for name, s := range schema.Properties {
		if s.Ref != "" {
			s = a.Ops.Registry().SchemaFromRef(s.Ref)
		}
		in.properties[name] = s
	}
	return in
}

// addFlags gives the command one flag for each field that is not an argument.
func (in *input) addFlags(c *cobra.Command) {
	flags := c.Flags()
	flags.SortFlags = false
	for _, name := range in.order() {
		s := in.properties[name]
		if name == waitField && in.op.Lasts != waitField {
			flags.Var(&in.wait, "wait", "wait for the run's end; with a `TIME` such as 30s no longer than that")
			flags.Lookup("wait").NoOptDefVal = untilEnd
			continue
		}
		flag := flagName(name)
		f := flags.VarPF(&field{input: in, name: name, schema: s}, flag, "", in.explain(name))
		if s.Type == huma.TypeBoolean {
			f.NoOptDefVal = "true"
		}
		if s.Default != nil {
			f.DefValue = fmt.Sprint(s.Default)
		}
		if words := enumOf(s); len(words) > 0 {
			_ = c.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
		}
	}
	file := "f"
	if in.givesRun() {
		flags.BoolVarP(&in.follow, "follow", "f", false, "show the run's log until it has ended, as logs -f does")
		file = ""
	}
	if in.op.HasBody() && len(in.properties) > len(in.op.PathFields()) {
		flags.StringVarP(&in.file, "file", file, "", "read the request from a `FILE`, JSON or YAML; - is stdin. Flags win over it")
	}
	if in.op.Partial {
		flags.StringSliceVar(&in.reset, "reset", nil, "set `FIELDS` back to their defaults")
	}
}

// givesRun says whether the operation starts a run that can be followed.
func (in *input) givesRun() bool {
	return in.op.HasBody() && in.properties[waitField] != nil && in.op.Lasts != waitField && in.app.Ops.Find(streamRun) != nil
}

// order is the fields that become flags: those that must be sent first.
func (in *input) order() []string {
	names := slices.DeleteFunc(slices.Collect(maps.Keys(in.properties)), func(name string) bool {
		return slices.Contains(in.op.Args, name)
	})
	slices.SortFunc(names, func(a, b string) int {
		if x, y := slices.Contains(in.required, a), slices.Contains(in.required, b); x != y {
			if x {
				return -1
			}
			return 1
		}
		return strings.Compare(a, b)
	})
	return names
}

// explain is the help of a field.
func (in *input) explain(name string) string {
	s := in.properties[name]
	text := strings.ReplaceAll(s.Description, "`", "'")
	if words := enumOf(s); len(words) > 0 {
		text += " One of " + strings.Join(words, ", ") + "."
	}
	if s.Type == huma.TypeArray {
		text += " May be repeated."
	}
	if slices.Contains(in.required, name) {
		text += " Required."
	}
	return strings.TrimSpace(text)
}

func enumOf(s *huma.Schema) []string {
	if s.Items != nil {
		s = s.Items
	}
	words := make([]string, len(s.Enum))
	for i, v := range s.Enum {
		words[i] = fmt.Sprint(v)
	}
	return words
}

// complete adds arguments and file to what the flags said. An argument or flag
// wins over the file.
func (in *input) complete(c *cobra.Command, args []string) error {
	for i, text := range args {
		name := in.op.Args[i]
		f := field{input: in, name: name, schema: in.properties[name]}
		if err := f.read(text, argument(name)); err != nil {
			return usage(c, fmt.Sprintf("invalid %s %q: %v", argument(name), text, err), "")
		}
	}
	for _, name := range in.reset {
		name = strings.ReplaceAll(name, "-", "_")
		in.sent[name], in.from[name] = json.RawMessage("null"), "--reset"
	}
	if in.file != "" {
		document, err := in.app.readObject(in.file)
		if err != nil {
			return err
		}
		for name, value := range in.taken(document) {
			if _, said := in.sent[name]; !said {
				in.sent[name], in.from[name] = value, "/"+name
			}
		}
	}
	for _, name := range in.op.PathFields() {
		if value := in.sent[name]; value == nil || plain(value) == "" {
			return usage(c, fmt.Sprintf("%s needs %s", c.CommandPath(), argument(name)), "usage: "+c.UseLine())
		}
	}
	return nil
}

// wait is the flag that says whether and for how long to wait.
type wait struct {
	asked bool
	limit time.Duration // 0 is until the end
}

// untilEnd is --wait without a time.
const untilEnd = "end"

// Set takes a duration, or a number of seconds.
func (w *wait) Set(text string) error {
	w.asked = true
	if text == untilEnd {
		return nil
	}
	limit, err := time.ParseDuration(text)
	if err != nil {
		limit, err = time.ParseDuration(text + "s")
	}
	if err != nil || limit <= 0 {
		return errors.New("give a time such as 30s or 5m")
	}
	w.limit = limit
	return nil
}

// String is empty, so that help shows no default.
func (w *wait) String() string { return "" }

// Type names the flag's values in help.
func (w *wait) Type() string { return "time" }
