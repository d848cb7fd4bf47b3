package cli

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"
)

// addConfigCommand hangs config show into the tree.
func (a *app) addConfigCommand(root *cobra.Command) {
	config := &cobra.Command{Use: "config"}
	group(config, func(c *cobra.Command) { a.help(c, nil) })
	config.AddCommand(a.configShowCommand())
	root.AddCommand(config)
}

// configShowCommand shows the settings that serve would be started with.
func (a *app) configShowCommand() *cobra.Command {
	set, origin := (*settings)(nil), false
	c := &cobra.Command{
		Use:   "show",
		Short: "Show the settings that serve would start with",
		Long: `Reads flags, variables and the file as ordinaut serve does, and starts nothing.
Passwords are not shown.`,
		Example: `  ordinaut config show --origin
  ORDINAUT_SLOTS=50 ordinaut config show --config /etc/ordinaut.yaml -o json`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := set.complete(a, c); err != nil {
				return err
			}
			return a.printSettings(set.all(c), origin)
		},
	}
	set = newServeSettings().addServeFlags(c)
	c.Flags().BoolVar(&origin, "origin", false, "say where each value comes from")
	return c
}

func (a *app) printSettings(all []setting, origin bool) error {
	if a.forPrograms() {
		text, err := json.MarshalIndent(map[string]any{"items": all}, "", "  ")
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(a.Stdout, string(tame(text)))
		return err
	}
	for _, s := range all {
		line := fmt.Sprintf("%-16s %s", s.Name, clean(s.Value))
		if origin {
			line = fmt.Sprintf("%-16s %-40s %s", s.Name, clean(s.Value), clean(s.Origin))
		}
		fmt.Fprintln(a.Stdout, line)
	}
	return nil
}
