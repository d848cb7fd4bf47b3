// Package cli is the command line. Its commands are read off the operations: the
// words, the arguments, one flag for each field of the request, the examples. It
// asks the server over HTTP like any other client.
//
// It promises that data goes to stdout and everything else to stderr, that the
// exit code says what happened, that -o json prints the server's answer as it
// is, that no secret is ever a flag, and that nothing a server sends can steer
// the terminal. How a server is started is handed to it.
package cli

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/op"
)

// Options is what the command line works with.
type Options struct {
	// Ops describes the commands. Those that are pure are carried out here when
	// no server answers.
	Ops *op.Set
	// Dev runs a server until the context ends.
	Dev func(context.Context, DevSettings) error
	// Server puts one to work, and looks after its store.
	Server  Server
	Version string

	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer
	Env    func(string) string
	Client *http.Client // nil is a client of its own
}

// app is one call of the command line.
type app struct {
	Options
	url     string
	dataDir string
	output  string
	paint   painter
	alone   bool // the user was told that no server answers
}

// New returns the root command.
func New(o Options) *cobra.Command {
	root, _ := build(o)
	return root
}

// Run carries out a command line and returns its exit code.
func Run(ctx context.Context, args []string, o Options) int {
	root, a := build(o)
	root.SetArgs(append([]string{}, args...)) // of nil, cobra would make the process's own
	err := root.ExecuteContext(ctx)
	if err == nil {
		return ExitOK
	}
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return ExitInterrupted
	}
	a.tell(err)
	return exitOf(ordinaut.AsError(err))
}

func build(o Options) (*cobra.Command, *app) {
	a := &app{Options: o, output: "table", paint: newPainter(o.Stdout, o.Env)}
	root := &cobra.Command{
		Use:               "ordinaut",
		Short:             "The agents' clock that still rings when the agent is gone",
		SilenceErrors:     true,
		SilenceUsage:      true,
		Example:           "  ordinaut dev",
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
	}
	root.SetIn(o.Stdin)
	root.SetOut(o.Stdout)
	root.SetErr(o.Stderr)
	root.SetFlagErrorFunc(flagFault)
	root.SetHelpFunc(a.help)
	flags := root.PersistentFlags()
	flags.StringVar(&a.url, "url", "", "`URL` of the server; else ORDINAUT_URL, else that of the data folder's server")
	flags.StringVar(&a.dataDir, "data-dir", "", "data `FOLDER`; else ORDINAUT_DATA_DIR, else your own")
	flags.VarP(&choice{value: &a.output, allowed: formats()}, "output", "o", "how to print: "+strings.Join(formats(), ", "))
	_ = root.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(formats(), cobra.ShellCompDirectiveNoFileComp))
	group(root, a.card)
	root.AddCommand(a.devCommand(), a.serveCommand(), a.migrateCommand(), a.moveCommand(), a.versionCommand(), a.completionCommand())
	a.addConfigCommand(root)
	for _, o := range o.Ops.All() {
		if o.Command != "" {
			a.addOperation(root, o)
		}
	}
	a.addRerunCommands(root)
	a.addApprovalCommands(root)
	a.addToolsCommands(root)
	a.addFileCommands(root)
	a.addLogsCommand(root)
	a.addArtifactsCommand(root)
	root.InitDefaultHelpCmd()
	explainAll(root)
	for _, c := range daily(root) {
		if line := firstExample(c); !strings.Contains(root.Example, line) {
			root.Example += "\n" + line
		}
	}
	return root, a
}

// group makes a command one that only holds others. Asked for nothing it
// answers by show, and a word it does not know is a fault.
func group(c *cobra.Command, show func(*cobra.Command)) {
	c.Args = cobra.ArbitraryArgs
	c.RunE = func(c *cobra.Command, args []string) error {
		if len(args) == 0 {
			show(c)
			return nil
		}
		return unknownCommand(c, args[0])
	}
}

// addOperation hangs the command of an operation into the tree, under the
// groups that its words name.
func (a *app) addOperation(root *cobra.Command, o *op.Op) {
	words := strings.Fields(o.Command)
	parent := root
	for _, word := range words[:len(words)-1] {
		next := child(parent, word)
		if next == nil {
			next = &cobra.Command{Use: word}
			group(next, func(c *cobra.Command) { a.help(c, nil) })
			parent.AddCommand(next)
		}
		parent = next
	}
	parent.AddCommand(a.operationCommand(o, words[len(words)-1]))
}

func child(parent *cobra.Command, name string) *cobra.Command {
	for _, c := range parent.Commands() {
		if c.Name() == name {
			return c
		}
	}
	return nil
}
