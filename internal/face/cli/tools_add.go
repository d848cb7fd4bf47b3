package cli

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/toolfile"
)

// addition is what tools add was asked for.
type addition struct {
	file    string
	url     string
	headers []string
	env     []string
	cwd     string
	replace bool
}

func (a *app) toolsAddCommand() *cobra.Command {
	var add addition
	c := &cobra.Command{
		Use:   "add NAME (--url URL | -- COMMAND ARGS…)",
		Short: "Add an MCP server to the catalog file",
		Long: `Writes the server into the file and shows what will be run. Its tools are then
called NAME.tool. ${VAR} in an argument, variable, header or URL is read from the
environment of the server when it starts; put it in single quotes, so that the
shell leaves it alone.`,
		Example: `  ordinaut tools add fs -- npx -y @modelcontextprotocol/server-filesystem /data
  ordinaut tools add github --url https://api.githubcopilot.com/mcp/ \
      --header 'Authorization: Bearer ${GITHUB_TOKEN}'
  ordinaut tools add db --env 'DSN=${DATABASE_URL}' -- uvx mcp-server-postgres`,
		RunE: func(c *cobra.Command, args []string) error { return a.toolsAdd(c, add, args) },
	}
	c.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		fault := flagFault(c, err)
		if e := ordinaut.AsError(fault); strings.HasPrefix(e.Fix, "see ") {
			e.Fix = "put -- before the command that is to be run, so that its flags are left to it"
		}
		return fault
	})
	c.Flags().StringVar(&add.url, "url", "", "`URL` of a server that is reached over HTTP")
	c.Flags().StringArrayVar(&add.headers, "header", nil, "`'NAME: VALUE'` to send with every request; may be repeated")
	c.Flags().StringArrayVar(&add.env, "env", nil, "`NAME=VALUE` for the program; may be repeated")
	c.Flags().StringVar(&add.cwd, "cwd", "", "`FOLDER` that the program works in")
	c.Flags().BoolVar(&add.replace, "replace", false, "write over a server of that name")
	toolsFlag(c, &add.file)
	return c
}

func (a *app) toolsAdd(c *cobra.Command, add addition, args []string) error {
	s, err := add.server(c, args)
	if err != nil {
		return err
	}
	f, err := a.catalog(c, add.file)
	if err != nil {
		return err
	}
	if err := a.unreadable(f.path, s); err != nil {
		return err
	}
	outcome, write := "added", toolfile.Add
	err = f.edit(func(text []byte) ([]byte, error) {
		if add.replace {
			write = toolfile.Replace
			if toolfile.Has(text, s.Name) {
				outcome = "replaced"
			}
		}
		return write(text, s)
	})
	if err != nil {
		return err
	}
	item := a.describe(f.path, s)
	item.Outcome = outcome
	return a.printEdited(edited{File: f.path, Items: []editedEntry{item}}, f)
}

// unreadable is what of a server no environment can mend. A variable that is not
// set here may be set where the server is started.
func (a *app) unreadable(path string, s toolfile.Server) error {
	_, err := toolfile.File{Servers: []toolfile.Server{s}}.Resolve(a.lookup(path))
	if err == nil {
		return nil
	}
	var faults ordinaut.Errors
	for _, f := range ordinaut.AsError(err).All() {
		if f.Code != ordinaut.CodeToolsVariable {
			faults.Add(f)
		}
	}
	return faults.Err()
}

// server is the server that was asked for.
func (add addition) server(c *cobra.Command, args []string) (toolfile.Server, error) {
	words, command := args, []string(nil)
	if at := c.ArgsLenAtDash(); at >= 0 {
		words, command = args[:at], args[at:]
	}
	switch {
	case len(words) == 0:
		return toolfile.Server{}, usage(c, "the server needs a name", "")
	case len(words) > 1:
		return toolfile.Server{}, usage(c, fmt.Sprintf("%s does not know what to do with %q", c.CommandPath(), words[1]), "put -- before the command that is to be run")
	case add.url == "" && len(command) == 0:
		return toolfile.Server{}, usage(c, "nothing says how the server is reached", "add --url URL, or -- COMMAND ARGS…")
	case add.url != "" && (len(command) > 0 || len(add.env) > 0 || add.cwd != ""):
		return toolfile.Server{}, usage(c, "a server with a URL is not started, so it has no command, --env or --cwd", "leave them out, or the --url")
	case add.url == "" && len(add.headers) > 0:
		return toolfile.Server{}, usage(c, "a program is sent no headers", "give it variables with --env")
	}
	if add.url != "" {
		headers, err := namedValues(c, "header", ":", "'Authorization: Bearer ${TOKEN}'", add.headers)
		return toolfile.Server{Name: words[0], Kind: toolfile.HTTP, URL: add.url, Headers: headers}, err
	}
	env, err := namedValues(c, "env", "=", "'TOKEN=${TOKEN}'", add.env)
	s := toolfile.Server{Name: words[0], Kind: toolfile.Stdio, Command: command[0], Args: command[1:], Env: env, Cwd: add.cwd}
	if s.Cwd != "" && !strings.HasPrefix(s.Cwd, "${") {
		if whole, err := filepath.Abs(s.Cwd); err == nil {
			s.Cwd = whole // seen from here, and not from the folder of the file
		}
	}
	return s, err
}

// namedValues splits the values of a flag into names and values.
func namedValues(c *cobra.Command, flag, between, example string, values []string) (map[string]string, error) {
	table := map[string]string{}
	for _, text := range values {
		name, value, found := strings.Cut(text, between)
		if !found || strings.TrimSpace(name) == "" {
			return nil, usage(c, fmt.Sprintf("--%s is to be a name, %q and a value", flag, between), "write it as --"+flag+" "+example)
		}
		table[strings.TrimSpace(name)] = strings.TrimSpace(value)
	}
	return table, nil
}
