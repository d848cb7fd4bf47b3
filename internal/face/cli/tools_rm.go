package cli

import (
	"github.com/spf13/cobra"

	"github.com/ordinaut/ordinaut/internal/toolfile"
)

func (a *app) toolsRemoveCommand() *cobra.Command {
	var file string
	c := &cobra.Command{
		Use:     "rm NAME",
		Aliases: []string{"remove"},
		Short:   "Remove a server or an HTTP tool from the catalog file",
		Long:    "A running server stops it when its calls are done. Tasks that use its tools stay, and fail until it is back.",
		Example: "  ordinaut tools rm github\n  ordinaut tools rm weather.now --tools ./mcp.json",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage(c, c.CommandPath()+" takes the name of one server or tool", "")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			f, err := a.catalog(c, file)
			if err != nil {
				return err
			}
			err = f.edit(func(text []byte) ([]byte, error) { return toolfile.Remove(text, args[0]) })
			if err != nil {
				return err
			}
			return a.printEdited(edited{File: f.path, Items: []editedEntry{{Name: args[0], Outcome: "removed"}}}, f)
		},
	}
	toolsFlag(c, &file)
	return c
}
