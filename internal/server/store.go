package server

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/store/postgres"
	"github.com/ordinaut/ordinaut/internal/store/sqlite"
)

// openStore opens the store of the settings: the database that they name, or the
// file in the data folder.
func openStore(ctx context.Context, s Settings) (ordinaut.Store, error) {
	if s.DatabaseURL == "" {
		if err := checkAlone(s.Roles); err != nil {
			return nil, err
		}
		return sqlite.Open(ctx, sqlite.Options{Dir: s.DataDir, Log: s.Log})
	}
	if err := checkDatabaseURL("/database_url", s.DatabaseURL); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(s.DataDir, 0o700); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	return postgres.Open(ctx, postgres.Options{URL: s.DatabaseURL, Log: s.Log})
}

// checkAlone refuses to split the work of a data folder: one process has it.
func checkAlone(roles []ordinaut.Role) error {
	for _, r := range ordinaut.Roles() {
		if !r.Has(roles) {
			return &ordinaut.Error{
				Code: ordinaut.CodeFieldValue, At: "/role", Sent: roles,
				Message:  fmt.Sprintf("the data folder is used by one process at a time, so nobody else could take on the role %s", r),
				Fix:      "name a PostgreSQL database that the processes share, or leave the role out",
				Examples: []string{"--database-url postgres://ordinaut@localhost/ordinaut"},
			}
		}
	}
	return nil
}

// isDatabase says whether a text names a database, and not a folder.
func isDatabase(text string) bool {
	scheme, _, found := strings.Cut(text, "://")
	return found && slices.Contains([]string{"postgres", "postgresql"}, scheme)
}

// checkDatabaseURL refuses the URL of what is no database of ours.
func checkDatabaseURL(at, text string) error {
	if isDatabase(text) {
		return nil
	}
	e := &ordinaut.Error{
		Code: ordinaut.CodeFieldValue, At: at,
		Message: "it is not the URL of a PostgreSQL database",
		Fix:     "begin it with postgres://", Examples: []string{"postgres://ordinaut@localhost:5432/ordinaut"},
	}
	if u, err := url.Parse(text); err == nil && u.Scheme != "" {
		e.Message = fmt.Sprintf("there is no store for %s://", u.Scheme)
		if near := ordinaut.Nearest(u.Scheme, []string{"postgres", "postgresql"}); near != "" {
			e.Fix = fmt.Sprintf("did you mean %s://?", near)
		}
	}
	return e
}
