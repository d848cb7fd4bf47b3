package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/op"
)

// operationCommand is the command of an operation.
func (a *app) operationCommand(o *op.Op, word string) *cobra.Command {
	use := word
	for _, name := range o.Args {
		use += " " + argument(name)
	}
	in := newInput(a, o)
	c := &cobra.Command{
		Use:     use,
		Short:   o.Summary,
		Long:    o.Details,
		Example: examples(o, in),
		Args: func(c *cobra.Command, args []string) error {
			if extra := len(args) - len(o.Args); extra > 0 {
				return usage(c, fmt.Sprintf("%s does not know what to do with %q", c.CommandPath(), args[len(o.Args)]), "")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return a.carryOut(c, o, in, args) },
	}
	in.addFlags(c)
	return c
}

// carryOut asks for an operation and prints what it gives.
func (a *app) carryOut(c *cobra.Command, o *op.Op, in *input, args []string) error {
	if err := in.complete(c, args); err != nil {
		return err
	}
	if in.follow {
		return a.startAndFollow(c.Context(), o, in)
	}
	if in.wait.asked {
		return a.await(c.Context(), o, in)
	}
	ans, err := a.call(c.Context(), o, in.sent, 0)
	if err != nil {
		return in.located(err)
	}
	if err := a.print(o, in, ans); err != nil {
		return err
	}
	return in.located(verdict(ans.body))
}

// argument is a field's name as it stands in a usage line.
func argument(name string) string { return strings.ToUpper(strings.ReplaceAll(name, "_", "-")) }

// flagName is a field's name as a flag.
func flagName(name string) string { return strings.ReplaceAll(name, "_", "-") }

// located says of each fault where on the command line its value came from.
// Programs are told the place in the request.
func (in *input) located(err error) error {
	if err == nil || in.app.forPrograms() {
		return err
	}
	e := ordinaut.AsError(err)
	for _, f := range e.All() {
		name, below, _ := strings.Cut(strings.TrimPrefix(f.At, "/"), "/")
		if name == "" || strings.HasPrefix(in.from[name], "/") {
			continue
		}
		from, sent := in.from[name]
		switch {
		case !sent && slices.Contains(in.op.Args, name):
			from = argument(name)
		case !sent && in.properties[name] != nil:
			from = "--" + flagName(name)
		case !sent:
			continue
		}
		f.At = from
		if below != "" {
			f.At += " at /" + below
		}
	}
	return err
}
