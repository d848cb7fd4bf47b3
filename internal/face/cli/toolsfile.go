package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/toolfile"
)

// ToolsFile is the name of the catalog file in the data folder.
const ToolsFile = "mcp.json"

// addToolsCommands hangs the commands that edit the catalog file beside those
// that ask the server about its tools.
func (a *app) addToolsCommands(root *cobra.Command) {
	tools := child(root, "tools")
	if tools == nil {
		tools = &cobra.Command{Use: "tools"}
		group(tools, func(c *cobra.Command) { a.help(c, nil) })
		root.AddCommand(tools)
	}
	tools.AddCommand(a.toolsAddCommand(), a.toolsImportCommand(), a.toolsRemoveCommand())
}

// catalogFile is the catalog file that a command edits.
type catalogFile struct {
	path    string
	running bool // a server has taken it over, and watches it
}

// catalog finds the file: the one that was asked for, the one of the server that
// runs on the data folder, or the one in the data folder.
func (a *app) catalog(c *cobra.Command, asked string) (catalogFile, error) {
	dir := a.folder()
	running := findRunning(dir)
	f := catalogFile{path: asked}
	switch {
	case asked != "":
	case running.Tools != "":
		f.path = running.Tools
	case dir != "":
		f.path = filepath.Join(dir, ToolsFile)
	default:
		return f, usage(c, "there is no data folder", "name the catalog file with --tools, or the folder with --data-dir")
	}
	f.running = running.URL != "" && (asked == "" || sameFile(asked, running.Tools) || sameFile(asked, filepath.Join(dir, ToolsFile)))
	if filepath.Ext(f.path) == ".toml" {
		return f, usage(c, f.path+" is TOML, which is read but not edited", "edit it by hand, or name a JSON file with --tools")
	}
	return f, nil
}

func sameFile(a, b string) bool {
	one, err := os.Stat(a)
	if err != nil {
		return false
	}
	other, err := os.Stat(b)
	return err == nil && os.SameFile(one, other)
}

// toolsFlag is the flag that names the catalog file.
func toolsFlag(c *cobra.Command, path *string) {
	c.Flags().StringVar(path, "tools", "", "catalog `FILE`; else that of the running server, else mcp.json in the data folder")
}

// fileBytes is how large a file may be. Clients keep much more in theirs than
// servers.
const fileBytes = 64 << 20

// readFile reads a file that is not larger than that.
func readFile(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, fileBytes+1))
	if err == nil && len(text) > fileBytes {
		err = fmt.Errorf("%s is larger than %d MiB", path, fileBytes>>20)
	}
	return text, err
}

// edit changes the file, whole or not at all. One that is not there yet is made.
func (f catalogFile) edit(change func(text []byte) ([]byte, error)) error {
	text, err := readFile(f.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return f.fault("read", err)
	}
	changed, err := change(text)
	if err != nil {
		return err
	}
	if string(changed) == string(text) {
		return nil
	}
	if err := f.write(changed); err != nil {
		return f.fault("written", err)
	}
	return nil
}

func (f catalogFile) fault(verb string, err error) error {
	return &ordinaut.Error{
		Code: ordinaut.CodeToolsFile, Sent: f.path, Err: err,
		Message: fmt.Sprintf("the catalog file cannot be %s: %v", verb, err),
		Fix:     "name one that can with --tools, or change who may use it",
	}
}

// write puts the new text in the place of the old one. Only its owner may read
// it, as people write secrets into it.
func (f catalogFile) write(text []byte) error {
	path := f.path
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target // a link stays one
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	beside, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	_, err = beside.Write(text)
	if err == nil {
		err = beside.Sync()
	}
	if closeErr := beside.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(beside.Name(), path)
	}
	if err != nil {
		_ = os.Remove(beside.Name()) // what matters is why it could not be written
	}
	return err
}

// lookup is where the references of the file lead, as far as can be seen from
// here: the server may be started with other variables.
func (a *app) lookup(path string) toolfile.Lookup {
	return toolfile.Lookup{
		Env:      func(name string) (string, bool) { value := a.Env(name); return value, value != "" },
		ReadFile: readFile,
		Home:     a.Env("HOME"),
		Dir:      toolfile.Workspace(filepath.Dir(path)),
	}
}
