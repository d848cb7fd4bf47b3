package cli

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/op"
	"github.com/ordinaut/ordinaut/internal/toolfile"
)

// edited is what a change of the catalog file has done, for programs.
type edited struct {
	File   string        `json:"file"`
	DryRun bool          `json:"dry_run"`
	Items  []editedEntry `json:"items"`
	Notes  []string      `json:"notes"`
}

// editedEntry is one server or HTTP tool of it.
type editedEntry struct {
	Name     string   `json:"name"`
	Was      string   `json:"was,omitempty"` // its name elsewhere
	Outcome  string   `json:"outcome"`
	Kind     string   `json:"kind,omitempty"`
	Runs     string   `json:"runs,omitempty"` // the command line, or the URL
	Env      []string `json:"env,omitempty"`
	Headers  []string `json:"headers,omitempty"`
	Warnings []string `json:"warnings,omitempty"`
}

// describe says what an entry of the catalog will do.
func (a *app) describe(path string, e toolfile.Entry) editedEntry {
	switch e := e.(type) {
	case toolfile.Server:
		d := editedEntry{Name: e.Name, Kind: string(e.Kind), Runs: runs(e), Env: shown(e.Env, "="), Headers: shown(e.Headers, ": ")}
		for _, name := range e.Exposed() {
			d.Warnings = append(d.Warnings, fmt.Sprintf("the value of %s stands in the file; to keep it out, write ${%s} and set that variable where the server starts", name, variable(name)))
		}
		_, err := toolfile.File{Servers: []toolfile.Server{e}}.Resolve(a.lookup(path))
		d.Warnings = append(d.Warnings, messages(err)...)
		return d
	case toolfile.HTTPTool:
		return editedEntry{Name: e.Address, Kind: "tool", Runs: e.Method + " " + e.URL}
	}
	return editedEntry{}
}

// runs is exactly what is run, or the URL that is reached.
func runs(s toolfile.Server) string {
	if s.Kind == toolfile.HTTP {
		return s.URL
	}
	words := []string{shellWord(s.Command)}
	for _, arg := range s.Args {
		words = append(words, shellWord(arg))
	}
	if s.Cwd != "" {
		return "cd " + shellWord(s.Cwd) + " && " + strings.Join(words, " ")
	}
	return strings.Join(words, " ")
}

// shown is a table of variables or headers. A value is shown when it is but a
// reference: others may be secrets.
func shown(table map[string]string, between string) (lines []string) {
	for _, name := range slices.Sorted(maps.Keys(table)) {
		value := table[name]
		if !strings.Contains(value, "${") {
			value = "…"
		}
		lines = append(lines, name+between+value)
	}
	return lines
}

// variable is a name for the variable that holds the value of a field.
func variable(name string) string {
	if strings.EqualFold(name, "Authorization") {
		return "TOKEN"
	}
	return strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
}

// messages are all faults of an error, each with its mend.
func messages(err error) (list []string) {
	if err == nil {
		return nil
	}
	for _, f := range ordinaut.AsError(err).All() {
		list = append(list, f.Message+"; "+f.Fix)
	}
	return list
}

// printEdited writes what was done to stdout, and what to know about it to
// stderr.
func (a *app) printEdited(e edited, f catalogFile) error {
	if a.output != "table" {
		e.Items, e.Notes = nonEmpty(e.Items), nonEmpty(e.Notes)
		body, err := json.Marshal(e)
		if err != nil {
			return fmt.Errorf("write what was done: %w", err)
		}
		return a.print(&op.Op{Name: "tools", Effect: op.Read, Columns: []string{"name"}}, nil, answer{body: append(body, '\n')})
	}
	for _, item := range e.Items {
		a.printEntry(item, e.File)
	}
	for _, note := range e.Notes {
		a.say("note: %s", note)
	}
	if !e.DryRun && slices.ContainsFunc(e.Items, editedEntry.changed) {
		a.say("%s", f.next())
	}
	return nil
}

// changed says whether the file is another one now.
func (e editedEntry) changed() bool {
	return slices.Contains([]string{"added", "replaced", "removed"}, e.Outcome)
}

func nonEmpty[T any](list []T) []T { return append([]T{}, list...) }

// printEntry writes one entry for people.
func (a *app) printEntry(e editedEntry, file string) {
	sentence := map[string]string{
		"added": "Added %s to %s", "replaced": "Replaced %s in %s", "removed": "Removed %s from %s",
		"present": "%s is in %s already", "taken": "%s was left out: %s has another of that name", "refused": "%s cannot be used; %s stays as it is",
	}[e.Outcome]
	fmt.Fprintf(a.Stdout, "%s\n", clean(fmt.Sprintf(sentence, e.Name, file)))
	line := func(label string, text string) {
		if text != "" {
			fmt.Fprintf(a.Stdout, "  %-10s%s\n", label, clean(text))
		}
	}
	label := "runs"
	if e.Kind != string(toolfile.Stdio) {
		label = "reaches"
	}
	line("was", e.Was)
	line(label, e.Runs)
	for _, variable := range e.Env {
		line("env", variable)
	}
	for _, header := range e.Headers {
		line("header", header)
	}
	for _, warning := range e.Warnings {
		a.say("warning: %s", warning)
	}
}

// next says what happens now.
func (f catalogFile) next() string {
	if f.running {
		return "the running server takes it over within a few seconds: ordinaut tools list"
	}
	return "a server takes it over when it starts: ordinaut dev"
}
