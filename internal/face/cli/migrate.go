package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// MigrateSettings says which store is to be brought to the schema of this
// version.
type MigrateSettings struct {
	DatabaseURL string // "" is the store in the data folder
	DataDir     string
	Status      bool // it is only looked at
}

// Migrated says which schema a store has, and which this version needs.
type Migrated struct {
	From int64 `json:"from"` // that it had
	To   int64 `json:"to"`   // that it has now; in a look, that this version needs
}

// MoveSettings says what is moved, and where to.
type MoveSettings struct {
	From, To string    // a folder, or the URL of a database
	Progress io.Writer // where to say how far it is
}

func (a *app) migrateCommand() *cobra.Command {
	var s MigrateSettings
	set := &settings{}
	c := &cobra.Command{
		Use:   "migrate",
		Short: "Bring a database to the schema of this version",
		Long: `Servers do so when they start. Ahead of them it shows how long it takes, and
lets them do without the right to change the schema. Older servers go on meanwhile.`,
		Example: `  ordinaut migrate --database-url postgres://ordinaut@db.internal/ordinaut
  ordinaut migrate --status`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := set.complete(a, c); err != nil {
				return err
			}
			s.DataDir = a.dataDir
			m, err := a.Server.Migrate(c.Context(), s)
			if err != nil {
				return set.placed(err)
			}
			return a.printMigrated(m, s.Status)
		},
	}
	databaseFlag(c, &s.DatabaseURL)
	c.Flags().StringVar(&set.file, "config", "", "`FILE` of settings, in YAML; else ORDINAUT_CONFIG")
	c.Flags().BoolVar(&s.Status, "status", false, "only say whether there is something to do")
	return c
}

func (a *app) printMigrated(m Migrated, status bool) error {
	if a.forPrograms() {
		text, err := json.Marshal(m)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(a.Stdout, string(text))
		return err
	}
	words := fmt.Sprintf("migrated from schema %d to %d", m.From, m.To)
	switch {
	case m.From == m.To:
		words = fmt.Sprintf("schema %d is what this version needs", m.From)
	case status && m.From > m.To:
		words = fmt.Sprintf("schema %d is newer than %d, which this version knows", m.From, m.To)
	case status:
		words = fmt.Sprintf("schema %d is to be migrated to %d", m.From, m.To)
	}
	_, err := fmt.Fprintln(a.Stdout, words)
	return err
}

func (a *app) moveCommand() *cobra.Command {
	var s MoveSettings
	c := &cobra.Command{
		Use:   "move",
		Short: "Carry everything from one store to another",
		Long: `Copies agents, tasks, runs, events and all the rest from a data folder or a
PostgreSQL database to an empty one, whole or not at all, and compares what has
arrived. No server may work on either. What is moved stays where it was: start
only one of the two afterwards, or its schedules fire twice.`,
		Example: `  ordinaut move --from ~/.local/share/ordinaut --to postgres://ordinaut@db.internal/ordinaut
  ordinaut move --from postgres://ordinaut@db.internal/ordinaut --to ./data`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := errors.Join(a.moveEnd(c, "from", &s.From), a.moveEnd(c, "to", &s.To)); err != nil {
				return err
			}
			s.Progress = a.Stderr
			return asFlags(a.Server.Move(c.Context(), s))
		},
	}
	c.Flags().StringVar(&s.From, "from", "", "`FOLDER` or URL of the database that is moved; else ORDINAUT_MOVE_FROM")
	c.Flags().StringVar(&s.To, "to", "", "`FOLDER` or URL of the database that it is moved to; else ORDINAUT_MOVE_TO")
	return c
}

// moveEnd completes one of the two stores of a move.
func (a *app) moveEnd(c *cobra.Command, flag string, text *string) error {
	variable := "ORDINAUT_MOVE_" + strings.ToUpper(flag)
	if *text != "" {
		return refusePassword("--"+flag, *text, variable)
	}
	if *text = a.Env(variable); *text == "" {
		return usage(c, "move needs to know --"+flag, "give a data folder, or the URL of a PostgreSQL database")
	}
	return nil
}
