package cli

import (
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ordinaut/ordinaut"
)

// DevSettings is what a server is started with.
type DevSettings struct {
	DataDir      string
	Listen       string
	Timezone     string // "" is the system's
	LogLevel     slog.Level
	InsecureHTTP bool // plain HTTP on an address that others can reach

	Tools     string   // the catalog file; "" is mcp.json in the data folder, if there is one
	Allow     []string // what tools may reach beyond the public internet
	Calendars []string // folders that calendars may be read from

	PublicURL string // where people reach the server, for links; "" is where it listens
}

func (a *app) devCommand() *cobra.Command {
	s := DevSettings{LogLevel: slog.LevelWarn}
	c := &cobra.Command{
		Use:   "dev",
		Short: "Start a server on this computer",
		Long:  "Starts everything in this process, with its data in one folder, until Ctrl-C. Tasks that fall due while it is stopped follow their catch-up policy at the next start.",
		Example: `  ordinaut dev
  ordinaut dev --listen 127.0.0.1:9090 --timezone Europe/Chisinau
  ordinaut dev --data-dir ./data --log-level debug
  ordinaut dev --tools ./mcp.json --allow-address nas.local:8080 --calendar-folder ~/calendars`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if s.DataDir = a.dataDir; s.DataDir == "" {
				dir, err := DataDir(a.Env)
				if err != nil {
					return usage(c, err.Error(), "name the folder with --data-dir")
				}
				s.DataDir = dir
			}
			return asFlags(a.Dev(c.Context(), s))
		},
	}
	s.addFlags(c)
	return c
}

// addFlags gives a command the flags of what every server is started with.
func (s *DevSettings) addFlags(c *cobra.Command) {
	c.Flags().StringVar(&s.Listen, "listen", "127.0.0.1:8080", "`ADDRESS:PORT` to listen on")
	c.Flags().StringVar(&s.Timezone, "timezone", "", "`ZONE` of schedules that name none, such as Europe/Chisinau; else the system's")
	c.Flags().Var(&level{&s.LogLevel}, "log-level", "what to log: debug, info, warn, error")
	c.Flags().StringVar(&s.Tools, "tools", "", "`FILE` that says which MCP servers and HTTP tools there are, as MCP clients have it; else mcp.json in the data folder")
	c.Flags().StringArrayVar(&s.Allow, "allow-address", nil, "`HOST`, address or network beyond the public internet that tools may reach; may be repeated")
	c.Flags().StringArrayVar(&s.Calendars, "calendar-folder", nil, "`FOLDER` that calendars may be read from; may be repeated")
	c.Flags().StringVar(&s.PublicURL, "public-url", "", "`URL` at which people reach the server, such as that of a proxy before it, for the links by which they approve; else the address it listens on")
	c.Flags().BoolVar(&s.InsecureHTTP, "insecure-http", false, "allow an address that other computers can reach, without encryption")
}

// asFlags says of faults in the settings which flag they are about.
func asFlags(err error) error {
	if e, ok := errors.AsType[*ordinaut.Error](err); ok {
		for _, f := range e.All() {
			if name, isField := strings.CutPrefix(f.At, "/"); isField {
				f.At = "--" + flagName(name)
			}
		}
	}
	return err
}

// level is a flag that takes the name of a log level.
type level struct{ value *slog.Level }

// Set takes the name.
func (l *level) Set(name string) error {
	if err := l.value.UnmarshalText([]byte(name)); err != nil {
		return fmt.Errorf("it is debug, info, warn or error")
	}
	return nil
}

// String is the level's name.
func (l *level) String() string {
	if l.value == nil {
		return ""
	}
	return strings.ToLower(l.value.String())
}

// Type names the flag's values in help.
func (l *level) Type() string { return "level" }

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Show the version of this binary",
		Example: "  ordinaut version\n  ordinaut version -o json",
		Args:    noArgs,
		RunE: func(*cobra.Command, []string) error {
			system := runtime.GOOS + "/" + runtime.GOARCH
			if a.forPrograms() {
				fmt.Fprintf(a.Stdout, `{"version":%q,"go":%q,"platform":%q}`+"\n", a.Version, runtime.Version(), system)
				return nil
			}
			fmt.Fprintf(a.Stdout, "ordinaut %s (%s, %s)\n", a.Version, runtime.Version(), system)
			return nil
		},
	}
}

func (a *app) completionCommand() *cobra.Command {
	shells := []string{"bash", "zsh", "fish", "powershell"}
	return &cobra.Command{
		Use:       "completion SHELL",
		Short:     "Write a completion script for " + strings.Join(shells, ", "),
		Example:   "  source <(ordinaut completion bash)\n  ordinaut completion fish > ~/.config/fish/completions/ordinaut.fish",
		ValidArgs: shells,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage(c, "completion needs the name of one shell", "one of "+strings.Join(shells, ", "))
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			switch root := c.Root(); args[0] {
			case "bash":
				return root.GenBashCompletionV2(a.Stdout, true)
			case "zsh":
				return root.GenZshCompletion(a.Stdout)
			case "fish":
				return root.GenFishCompletion(a.Stdout, true)
			case "powershell":
				return root.GenPowerShellCompletionWithDesc(a.Stdout)
			}
			fix := "one of " + strings.Join(shells, ", ")
			if near := ordinaut.Nearest(args[0], shells); near != "" {
				fix = "did you mean: " + near
			}
			return usage(c, fmt.Sprintf("there is no completion for %q", args[0]), fix)
		},
	}
}

func noArgs(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usage(c, fmt.Sprintf("%s takes no arguments, and was given %q", c.CommandPath(), args[0]), "")
	}
	return nil
}
