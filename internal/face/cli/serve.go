package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// ServeSettings is what a server of many is started with.
type ServeSettings struct {
	DevSettings
	Roles       []ordinaut.Role // none is all of them
	DatabaseURL string          // "" keeps everything in the data folder
	RedisURL    string          // "" does without
	KeyFile     string          // "" is the one in the data folder
	Name        string          // of the process; "" is one of its own
	Slots       int             // 0 is the default
	Grace       time.Duration
}

// Server is what starts a server and looks after its store. Each part runs until
// it is done or the context ends.
type Server struct {
	Serve   func(context.Context, ServeSettings) error
	Migrate func(context.Context, MigrateSettings) (Migrated, error)
	Move    func(context.Context, MoveSettings) error
}

func (a *app) serveCommand() *cobra.Command {
	s, set := newServeSettings(), (*settings)(nil)
	c := &cobra.Command{
		Use:   "serve",
		Short: "Put a server to work, alone or as one of many",
		Long: `Processes that share a PostgreSQL database share the work: any number of them
may take on each role. Without a database there is one process, and it keeps
everything in its data folder.

Each flag can also be set by a variable, such as ORDINAUT_DATABASE_URL, or by a
line of the file, such as database_url: a flag goes before a variable, and that
before the file. SIGTERM ends the process when the runs under way have ended, or
when the drain timeout is over; a second one ends it at once.`,
		Example: `  ordinaut serve --database-url postgres://ordinaut@db.internal/ordinaut
  ordinaut serve --config /etc/ordinaut.yaml --role worker --slots 100
  ordinaut serve --role api,scheduler --listen 0.0.0.0:8080 --insecure-http`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := set.complete(a, c); err != nil {
				return err
			}
			s.DataDir = a.dataDir
			return set.placed(a.Server.Serve(c.Context(), *s))
		},
	}
	set = s.addServeFlags(c)
	return c
}

func newServeSettings() *ServeSettings {
	return &ServeSettings{DevSettings: DevSettings{LogLevel: slog.LevelInfo}}
}

// addServeFlags gives a command the flags of a server of many, and says where
// else their values may come from.
func (s *ServeSettings) addServeFlags(c *cobra.Command) *settings {
	flags := c.Flags()
	flags.SortFlags = false
	flags.Var(&roles{&s.Roles}, "role", "what of the work it does: api, scheduler, worker; else all of it")
	databaseFlag(c, &s.DatabaseURL)
	flags.StringVar(&s.RedisURL, "redis-url", "", "`URL` of a Redis server on which events are published and heard; else none")
	flags.IntVar(&s.Slots, "slots", 0, "`RUNS` that it carries out at once; else 250")
	flags.DurationVar(&s.Grace, "drain-timeout", limits.ShutdownGrace, "how long runs may still work after it was told to stop")
	s.addFlags(c)
	flags.StringVar(&s.KeyFile, "key-file", "", "`FILE` with the admin key that all servers share; else each has its own in its data folder")
	flags.StringVar(&s.Name, "name", "", "`NAME` of the process, which no other has; else its host's with a few characters")
	set := &settings{}
	flags.StringVar(&set.file, "config", "", "`FILE` of settings, in YAML; else ORDINAUT_CONFIG")
	return set
}

func databaseFlag(c *cobra.Command, into *string) {
	c.Flags().StringVar(into, "database-url", "", "`URL` of a PostgreSQL database, without a password; else everything is kept in the data folder")
}

// roles is a flag that takes the names of roles.
type roles struct{ value *[]ordinaut.Role }

// Set takes names with commas between them, besides those before.
func (r *roles) Set(text string) error {
	var names []string
	for _, role := range ordinaut.Roles() {
		names = append(names, string(role))
	}
	for name := range strings.SplitSeq(text, ",") {
		name = strings.TrimSpace(name)
		if !slices.Contains(names, name) {
			fix := "one of " + strings.Join(names, ", ")
			if near := nearest(name, names); near != "" {
				fix = "did you mean " + near + "?"
			}
			return errors.New(fix)
		}
		if !slices.Contains(*r.value, ordinaut.Role(name)) {
			*r.value = append(*r.value, ordinaut.Role(name))
		}
	}
	return nil
}

// String is the names.
func (r *roles) String() string {
	if r.value == nil {
		return ""
	}
	var names []string
	for _, role := range *r.value {
		names = append(names, string(role))
	}
	return strings.Join(names, ",")
}

// Type names the flag's values in help.
func (r *roles) Type() string { return "roles" }

// passwordIn says whether a URL holds a password.
func passwordIn(text string) bool {
	u, err := url.Parse(text)
	if err != nil {
		return false
	}
	_, has := u.User.Password()
	return has || u.Query().Has("password")
}

// shownURL is a URL as it may be shown.
func shownURL(text string) string {
	if !passwordIn(text) {
		return text
	}
	u, err := url.Parse(text)
	if err != nil {
		return "xxxxx"
	}
	if q := u.Query(); q.Has("password") {
		q.Set("password", "xxxxx")
		u.RawQuery = q.Encode()
	}
	return u.Redacted()
}

// refusePassword refuses a password on the command line, where every user of the
// computer can read it.
func refusePassword(at, text, variable string) error {
	if !passwordIn(text) {
		return nil
	}
	return &ordinaut.Error{
		Code: ordinaut.CodeCommandUsage, At: at,
		Message: "a password must not stand on a command line, where others can read it",
		Fix:     fmt.Sprintf("put it into %s, or leave it out of the URL and put it into PGPASSWORD or ~/.pgpass", variable),
	}
}
