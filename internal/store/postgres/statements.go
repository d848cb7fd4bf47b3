package postgres

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/ordinaut/ordinaut"
)

//go:embed *.sql
var files embed.FS

// statements are the texts of the named statements. Each connection prepares one
// when it first asks for it.
type statements map[string]string

// asker is what a statement is asked on: a connection.
type asker interface {
	Exec(ctx context.Context, text string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, text string, args ...any) (pgx.Rows, error)
}

// row is a row that can be scanned.
type row interface {
	Scan(into ...any) error
}

// texts reads the named statements out of the .sql files: each begins after a
// line "-- name: X" and ends with its first line that ends in a semicolon. What
// begins with "-- part: Y" stands wherever a statement says {Y}, or a part of one.
func texts() (statements, error) {
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
	var all strings.Builder
	for _, path := range paths {
		content, err := files.ReadFile(path)
		if err != nil {
			return "", err
		}
		all.WriteString("\n")
		all.Write(content)
	}
	return all.String(), err
}

// marked gives the texts behind a mark by their names.
func marked(content, mark string) (statements, error) {
	found := statements{}
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

// text is the text of a statement.
func (s statements) text(name string) (string, error) {
	text, known := s[name]
	if !known {
		return "", fmt.Errorf("no statement has the name %s", name)
	}
	return text, nil
}

// exec runs a statement and says how many rows it changed.
func (s statements) exec(ctx context.Context, on asker, name string, args ...any) (int64, error) {
	text, err := s.text(name)
	if err != nil {
		return 0, err
	}
	tag, err := on.Exec(ctx, text, args...)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", name, err)
	}
	return tag.RowsAffected(), nil
}

// rowsOf runs a statement and reads each of its rows.
func rowsOf[T any](ctx context.Context, s statements, on asker, name string, scan func(row, *T) error, args ...any) ([]T, error) {
	text, err := s.text(name)
	if err != nil {
		return nil, err
	}
	rows, err := on.Query(ctx, text, args...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	defer rows.Close()
	var found []T
	for rows.Next() {
		var one T
		if err := scan(rows, &one); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		found = append(found, one)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return found, nil
}

// only is the first of the rows; ErrNotFound when there is none.
func only[T any](found []T, err error) (T, error) {
	if err != nil || len(found) > 0 {
		return append(found, *new(T))[0], err
	}
	return *new(T), ordinaut.ErrNotFound
}

// all reads what a statement finds, in no transaction.
func all[T any](ctx context.Context, s *Store, name string, scan func(row, *T) error, args ...any) ([]T, error) {
	var found []T
	err := s.pool.read(ctx, func(ctx context.Context, on asker) (err error) {
		found, err = rowsOf(ctx, s.stmts, on, name, scan, args...)
		return err
	})
	return found, err
}

// first reads the first row that a statement finds; ErrNotFound when there is
// none.
func first[T any](ctx context.Context, s *Store, name string, scan func(row, *T) error, args ...any) (T, error) {
	return only(all(ctx, s, name, scan, args...))
}
