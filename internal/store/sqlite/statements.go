package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"

	"github.com/ordinaut/ordinaut"
)

//go:embed *.sql
var files embed.FS

// statements are the named statements of a connection, or of a pool of them.
// Each is prepared once, when it is first used, so that opening a store costs
// nothing for what is never asked.
type statements struct {
	conn     preparer
	texts    map[string]string
	mu       sync.Mutex
	prepared map[string]*sql.Stmt // nil when closed
}

// preparer is a connection, or a pool of them.
type preparer interface {
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
}

func newStatements(conn preparer, texts map[string]string) *statements {
	return &statements{conn: conn, texts: texts, prepared: map[string]*sql.Stmt{}}
}

// texts reads the named statements out of the .sql files: each begins after a
// line "-- name: X" and ends with its first line that ends in a semicolon. What
// begins with "-- part: Y" stands wherever a statement says {Y}, or a part of one.
func texts() (map[string]string, error) {
	content, err := allFiles()
	if err != nil {
		return nil, err
	}
	parts, err := marked(content, "part")
	if err != nil {
		return nil, err
	}
	var filled []string
	for name, text := range parts {
		filled = append(filled, "{"+name+"}", text)
	}
	fill := strings.NewReplacer(filled...)
	return marked(fill.Replace(fill.Replace(content)), "name")
}

func allFiles() (string, error) {
	paths, err := fs.Glob(files, "*.sql")
	if err != nil {
		return "", err
	}
	var all strings.Builder
	for _, path := range paths {
		content, err := files.ReadFile(path)
		if err != nil {
			return "", err
		}
		all.WriteString("\n")
		all.Write(content)
	}
	return all.String(), nil
}

// marked gives the texts behind a mark by their names.
func marked(content, mark string) (map[string]string, error) {
	found := map[string]string{}
	for _, part := range strings.Split(content, "\n-- "+mark+": ")[1:] {
		name, rest, _ := strings.Cut(part, "\n")
		text, _, ends := strings.Cut(rest, ";\n")
		if _, twice := found[name]; twice || !ends {
			return nil, fmt.Errorf("statement %s stands twice or does not end", name)
		}
		found[name] = text
	}
	return found, nil
}

// prepare gives the statement of the name.
func (s *statements) prepare(ctx context.Context, name string) (*sql.Stmt, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.prepared == nil {
		return nil, errClosed()
	}
	if p := s.prepared[name]; p != nil {
		return p, nil
	}
	p, err := s.conn.PrepareContext(ctx, s.texts[name])
	if err == nil {
		s.prepared[name] = p
	}
	return p, err
}

// close gives the statements back. SQLite keeps a connection alive behind its
// closing while there is a statement left, and with it the files of the WAL.
func (s *statements) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for _, p := range s.prepared {
		errs = append(errs, p.Close())
	}
	s.prepared = nil
	return errors.Join(errs...)
}

// exec runs a statement and says how many rows it changed.
func (s *statements) exec(ctx context.Context, name string, args ...any) (n int64, err error) {
	p, err := s.prepare(ctx, name)
	if err == nil {
		var result sql.Result
		if result, err = p.ExecContext(ctx, args...); err == nil {
			return result.RowsAffected()
		}
	}
	return 0, fmt.Errorf("%s: %w", name, storageError(err))
}

// all runs a statement and reads each of its rows.
func all[T any](ctx context.Context, s *statements, name string, scan func(*sql.Rows, *T) error, args ...any) (_ []T, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("%s: %w", name, storageError(err))
		}
	}()
	p, err := s.prepare(ctx, name)
	if err != nil {
		return nil, err
	}
	rows, err := p.QueryContext(ctx, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []T
	for rows.Next() {
		var one T
		if err := scan(rows, &one); err != nil {
			return nil, err
		}
		found = append(found, one)
	}
	return found, rows.Err()
}

// first runs a statement and reads its first row; ErrNotFound when there is
// none.
func first[T any](ctx context.Context, s *statements, name string, scan func(*sql.Rows, *T) error, args ...any) (T, error) {
	found, err := all(ctx, s, name, scan, args...)
	if len(found) == 0 {
		var none T
		if err == nil {
			err = ordinaut.ErrNotFound
		}
		return none, err
	}
	return found[0], err
}
