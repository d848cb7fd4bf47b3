package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ordinaut/ordinaut"
)

// usage is the fault of a command line that cannot be understood.
func usage(c *cobra.Command, message, fix string) error {
	if fix == "" {
		fix = "see " + c.CommandPath() + " --help"
	}
	return &ordinaut.Error{Code: ordinaut.CodeCommandUsage, Message: message, Fix: fix}
}

func unknownCommand(c *cobra.Command, word string) error {
	var names []string
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			names = append(names, sub.Name())
		}
	}
	fix := ""
	if near := nearest(word, names); near != "" {
		fix = fmt.Sprintf("did you mean: %s %s", c.CommandPath(), near)
	}
	return usage(c, fmt.Sprintf("%s has no command %q", c.CommandPath(), word), fix)
}

// flagFault explains a flag that cannot be read. pflag says what is wrong, and
// the nearest flag what may have been meant.
func flagFault(c *cobra.Command, err error) error {
	missing, ok := errors.AsType[*pflag.NotExistError](err)
	if !ok {
		return usage(c, err.Error(), "")
	}
	var names []string
	c.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	fix := ""
	if near := nearest(missing.GetSpecifiedName(), names); near != "" {
		fix = "did you mean: --" + near
	}
	return usage(c, err.Error(), fix)
}

// nearest is the name that was meant: the nearest one, or the only one that
// begins so.
func nearest(word string, names []string) string {
	if near := ordinaut.Nearest(word, names); near != "" {
		return near
	}
	begun := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !strings.HasPrefix(name, word) })
	if len(begun) == 1 {
		return begun[0]
	}
	return ""
}

// choice is a flag that takes one of a few words.
type choice struct {
	value   *string
	allowed []string
}

// Set takes the word if it is allowed.
func (c *choice) Set(word string) error {
	if !slices.Contains(c.allowed, word) {
		fix := "one of " + strings.Join(c.allowed, ", ")
		if near := nearest(word, c.allowed); near != "" {
			fix = "did you mean " + near + "?"
		}
		return errors.New(fix)
	}
	*c.value = word
	return nil
}

// String is the word that was chosen.
func (c *choice) String() string {
	if c.value == nil {
		return ""
	}
	return *c.value
}

// Type names the flag's values in help.
func (c *choice) Type() string { return "format" }
