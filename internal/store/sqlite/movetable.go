package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/ordinaut/ordinaut"
)

// table is where the records of a noun are kept.
type table struct {
	name    string
	columns []field

	read, write string // the statements of records that are no rows of their own
}

// field is a column of a table, as records have it.
type field struct {
	name      string
	column    string
	blob      bool
	must      bool   // it is never NULL
	otherwise string // what it is then, when nothing is said
}

// table finds out how the records of a noun are kept.
func (a *Archive) table(ctx context.Context, n ordinaut.Noun) (table, error) {
	t := table{name: n.Name}
	switch n.Name {
	case "counter": // of positions, which are never given twice
		t.columns = []field{{name: "name"}, {name: "value"}}
		t.read = "SELECT json_object('name', name, 'value', seq) FROM sqlite_sequence WHERE name IN ('event', 'audit')"
		t.write = "UPDATE sqlite_sequence SET seq = value ->> 'value' FROM json_each(?1) WHERE sqlite_sequence.name = value ->> 'name'"
		return t, nil
	case "gathering": // of events, by runs that have not started
		t.columns = []field{{name: "run_id"}, {name: "per"}, {name: "gathered"}}
		t.read = "SELECT json_object('run_id', id, 'per', gather, 'gathered', gathered) FROM run WHERE gather IS NOT NULL AND started_at IS NULL AND finished_at IS NULL ORDER BY id"
		t.write = "UPDATE run SET gather = value ->> 'per', gathered = value ->> 'gathered' FROM json_each(?1) WHERE run.id = value ->> 'run_id'"
		return t, nil
	}
	rows, err := a.db.QueryContext(ctx, `SELECT name, type, "notnull", coalesce(dflt_value, '') FROM pragma_table_info(?1)`, t.name)
	if err != nil {
		return t, storageError(err)
	}
	defer rows.Close()
	for rows.Next() {
		var f field
		var kind string
		if err := rows.Scan(&f.column, &kind, &f.must, &f.otherwise); err != nil {
			return t, storageError(err)
		}
		f.complete(t.name, kind)
		if f.name != "" {
			t.columns = append(t.columns, f)
		}
	}
	if len(t.columns) == 0 && rows.Err() == nil {
		return t, fmt.Errorf("the store has no table %s", t.name)
	}
	return t, rows.Err()
}

// complete finds out by what name records have a column. One that is counted
// together from others is none of theirs.
func (f *field) complete(of, kind string) {
	f.name, f.blob = f.column, kind == "BLOB"
	if f.otherwise == "" {
		f.otherwise = map[string]string{"INTEGER": "0", "TEXT": "''", "BLOB": "x''"}[kind]
	}
	switch of + "." + f.column {
	case "agent.unfinished", "run.gather", "run.gathered":
		f.name = ""
	case "run.event_seq": // events up to the cursor are never matched again
		f.name = ""
	case "run_log_size.left":
		f.name = "missing"
	}
}

// export is the query that gives each row as a JSON object.
func (t table) export(order string) string {
	if t.read != "" {
		return t.read
	}
	var fields []string
	for _, f := range t.columns {
		fields = append(fields, "'"+f.name+"', "+f.exported(t.name))
	}
	return "SELECT json_object(" + strings.Join(fields, ", ") + ") FROM " + quote(t.name) + " ORDER BY " + order
}

// exported is the value of a column in a form that every store knows. What a line
// of a log shares with its run is told as if it stood there.
func (f field) exported(of string) string {
	switch of + "." + f.column {
	case "event.task_id":
		return "CASE WHEN kind IN ('run', 'step', 'event') THEN coalesce(task_id, (SELECT task_id FROM run WHERE run.id = event.run_id)) END"
	case "event.depth":
		return "CASE WHEN kind = 'event' THEN coalesce(depth, (SELECT depth FROM run WHERE run.id = event.run_id), 0) END"
	}
	if f.blob {
		return "lower(hex(" + quote(f.column) + "))"
	}
	return quote(f.column)
}

// fill stores records.
func (t table) fill(ctx context.Context, tx *sql.Tx, batch ordinaut.Batch) error {
	if err := batch.Check(t.keeps); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, t.insert(), batch.List())
	return err
}

// insert is the statement that stores the records of a JSON array.
func (t table) insert() string {
	if t.write != "" {
		return t.write
	}
	var columns, values []string
	for _, f := range t.columns {
		columns, values = append(columns, quote(f.column)), append(values, f.value())
	}
	return "INSERT INTO " + quote(t.name) + " (" + strings.Join(columns, ", ") + ") SELECT " + strings.Join(values, ", ") + " FROM json_each(?1)"
}

func (t table) keeps(name string) bool {
	return slices.ContainsFunc(t.columns, func(f field) bool { return f.name == name })
}

// value is what a column is given of a record.
func (f field) value() string {
	v := "value ->> '" + f.name + "'"
	if f.blob {
		v = "unhex(" + v + ")"
	}
	if f.must {
		v = "coalesce(" + v + ", " + f.otherwise + ")"
	}
	return v
}

func quote(name string) string { return `"` + name + `"` }
