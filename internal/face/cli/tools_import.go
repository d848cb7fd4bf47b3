package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/toolfile"
)

func (a *app) toolsImportCommand() *cobra.Command {
	var from, file string
	var dryRun bool
	c := &cobra.Command{
		Use:   "import --from CLIENT|FILE",
		Short: "Take over the servers of another MCP client",
		Long: `Copies servers into the catalog file and shows what each will run. References
such as ${VAR} stay references. What the catalog has already is left as it is.
Of a client, your own files are read; one in the folder that you are in is read
when you name it. The clients: ` + strings.Join(clients(a.Env), ", ") + `.`,
		Example: `  ordinaut tools import --from claude-desktop --dry-run
  ordinaut tools import --from ./.mcp.json`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return a.toolsImport(c, from, file, dryRun) },
	}
	c.Flags().StringVar(&from, "from", "", "`CLIENT` or file to take them from")
	c.Flags().BoolVar(&dryRun, "dry-run", false, "show what would be taken over, and change nothing")
	toolsFlag(c, &file)
	_ = c.RegisterFlagCompletionFunc("from", cobra.FixedCompletions(clients(a.Env), cobra.ShellCompDirectiveDefault))
	return c
}

func (a *app) toolsImport(c *cobra.Command, from, file string, dryRun bool) error {
	paths, err := a.sources(c, from)
	if err != nil {
		return err
	}
	f, err := a.catalog(c, file)
	if err != nil {
		return err
	}
	done := edited{File: f.path, DryRun: dryRun}
	var refused ordinaut.Errors
	err = f.edit(func(text []byte) ([]byte, error) {
		changed := text
		for _, path := range paths {
			imports, err := importFile(changed, path)
			if err != nil {
				return nil, err
			}
			changed = imports.File
			done.Notes = append(done.Notes, imports.Notes...)
			for _, i := range imports.Entries {
				done.Items = append(done.Items, a.described(f.path, i))
				refused.Add(i.Err)
			}
		}
		if dryRun {
			return text, nil
		}
		return changed, nil
	})
	if err != nil {
		return err
	}
	if len(done.Items) == 0 {
		a.say("there is nothing to import in %s", strings.Join(paths, ", "))
	}
	if err := a.printEdited(done, f); err != nil {
		return err
	}
	if usable := slices.ContainsFunc(done.Items, func(i editedEntry) bool { return i.Outcome != string(toolfile.Refused) }); !usable {
		return refused.Err()
	}
	return nil
}

func importFile(catalog []byte, path string) (toolfile.Imports, error) {
	text, err := readFile(path)
	if err != nil {
		return toolfile.Imports{}, &ordinaut.Error{
			Code: ordinaut.CodeCommandUsage, Message: fmt.Sprintf("%s cannot be read: %v", path, err),
			Fix: "name a file that can with --from", Err: err,
		}
	}
	dir, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		return toolfile.Imports{}, fmt.Errorf("find the folder of %s: %w", path, err)
	}
	return toolfile.Import(catalog, toolfile.Foreign{Name: path, Data: text, Dir: toolfile.Workspace(dir)})
}

// described says what became of an entry.
func (a *app) described(path string, i toolfile.Imported) editedEntry {
	d := editedEntry{Name: i.Name}
	if i.Outcome != toolfile.Refused {
		d = a.describe(path, i.Entry)
	}
	d.Was, d.Outcome = i.Was, string(i.Outcome)
	d.Warnings = append(d.Warnings, messages(i.Err)...)
	return d
}

// sources are the files to import from: those of a client, or the one that is
// named. The working directory is no source unless it is named, as whoever wrote
// what lies there would say which commands are run.
func (a *app) sources(c *cobra.Command, from string) ([]string, error) {
	all := toolfile.Sources(runtime.GOOS, a.Env)
	known := clients(a.Env)
	if from == "" {
		return nil, usage(c, "nothing says where the servers come from", "add --from with one of "+strings.Join(known, ", ")+", or with a file")
	}
	if !slices.Contains(known, from) {
		if exists(from) {
			return []string{from}, nil
		}
		fix := "name a file, or one of " + strings.Join(known, ", ")
		if near := nearest(from, known); near != "" {
			fix = "did you mean " + near + "?"
		}
		return nil, usage(c, fmt.Sprintf("%q is neither a client nor a file", from), fix)
	}
	var found, looked []string
	for _, s := range all {
		switch {
		case s.Client != from:
		case s.Project && exists(s.Path):
			a.say("%s lies in this folder; to take its servers over: ordinaut tools import --from %s", s.Path, s.Path)
		case s.Project:
		case exists(s.Path):
			found = append(found, s.Path)
		default:
			looked = append(looked, s.Path)
		}
	}
	if len(found) == 0 {
		return nil, &ordinaut.Error{
			Code: ordinaut.CodeServerNotFound, Message: fmt.Sprintf("%s has no file of servers here", from),
			Fix: "name its file with --from; looked for " + strings.Join(looked, ", "),
		}
	}
	return found, nil
}

func exists(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir()
}

// clients are the names of the clients whose files are known.
func clients(env func(string) string) (names []string) {
	for _, s := range toolfile.Sources(runtime.GOOS, env) {
		if !slices.Contains(names, s.Client) {
			names = append(names, s.Client)
		}
	}
	return names
}
