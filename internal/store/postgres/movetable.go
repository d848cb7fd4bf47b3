package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/ordinaut/ordinaut"
)

// table is where the records of a noun are kept.
type table struct {
	noun    string
	parts   []tablePart // where they are kept
	columns []field

	read, write string // the statements of records that are no rows of their own
}

// tablePart is a table that keeps some of the records.
type tablePart struct{ name, only string }

// field is a column of a table, as records have it.
type field struct {
	name      string
	kind      string
	identity  bool
	must      bool   // it is never NULL
	otherwise string // what it is then, when nothing is said
}

// table finds out how the records of a noun are kept.
func (a *Archive) table(ctx context.Context, n ordinaut.Noun) (table, error) {
	t := table{noun: n.Name, parts: []tablePart{{name: n.Name}}}
	switch n.Name {
	case "run":
		t.parts = []tablePart{{"live_run", "finished_at IS NULL"}, {"past_run", "finished_at IS NOT NULL"}}
	case "counter": // of positions, which are never given twice
		return table{
			noun: n.Name, columns: []field{{name: "name"}, {name: "value"}},
			read: "SELECT row_to_json(c)::text FROM (SELECT 'event' AS name, seq AS value FROM event_end UNION ALL SELECT 'audit', max(position) FROM audit) AS c WHERE value > 0",
			write: `UPDATE event_end SET seq = (r ->> 'value')::bigint
				FROM jsonb_array_elements($1::jsonb) AS r WHERE r ->> 'name' = 'event'`,
		}, nil
	case "gathering": // of events, by runs that have not started
		return table{
			noun: n.Name, columns: []field{{name: "run_id"}, {name: "per"}, {name: "gathered"}},
			read: `SELECT json_build_object('run_id', g.run_id, 'per', per, 'gathered', gathered)::text
				FROM gathering AS g JOIN live_run AS r ON r.id = g.run_id WHERE r.started_at IS NULL ORDER BY g.run_id`,
			write: `INSERT INTO gathering (task_id, per, run_id, since, gathered)
				SELECT live_run.task_id, r ->> 'per', live_run.id, live_run.enqueued_at, (r ->> 'gathered')::int
				FROM jsonb_array_elements($1::jsonb) AS r JOIN live_run ON live_run.id = (r ->> 'run_id')::uuid`,
		}, nil
	}
	rows, err := a.conn.Query(ctx, `
		SELECT column_name::text, data_type::text, is_identity = 'YES', is_nullable = 'NO', coalesce(column_default::text, '')
		FROM information_schema.columns
		WHERE table_schema = 'ordinaut' AND table_name = $1
		ORDER BY ordinal_position`, t.parts[0].name)
	if err != nil {
		return t, storageError(err)
	}
	all, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (f field, err error) {
		return f, r.Scan(&f.name, &f.kind, &f.identity, &f.must, &f.otherwise)
	})
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("the store has no table %s", n.Name)
	}
	t.columns = slices.DeleteFunc(all, func(f field) bool { return n.Name == "audit" && f.name == "id" })
	return t, storageError(err)
}

// export is the query that gives each row as a JSON object.
func (t table) export(order string) string {
	if t.read != "" {
		return t.read
	}
	var fields []string
	for _, f := range t.columns {
		fields = append(fields, f.exported(t.noun)+" AS "+quote(f.name))
	}
	return "SELECT row_to_json(record)::text FROM (SELECT " + strings.Join(fields, ", ") + " FROM " + t.noun + " ORDER BY " + order + ") AS record"
}

// exported is the value of a column in a form that every store knows. What a line
// of a log shares with its run is told as if it stood there.
func (f field) exported(noun string) string {
	column := quote(f.name)
	switch noun + "." + f.name {
	case "event.task_id":
		return "CASE WHEN kind IN ('run', 'step', 'event') THEN coalesce(task_id, (SELECT task_id FROM run WHERE run.id = event.run_id)) END"
	case "event.depth":
		return "CASE WHEN kind = 'event' THEN depth END"
	}
	switch f.kind {
	case "timestamp with time zone", "interval":
		return "(extract(epoch FROM " + column + ") * 1000000)::bigint"
	case "boolean":
		return column + "::int"
	case "bytea":
		return "encode(" + column + ", 'hex')"
	case "json", "jsonb", "uuid":
		return column + "::text"
	}
	return column
}

// clear takes away what a new store begins with.
func (t table) clear() (texts []string) {
	for _, p := range t.parts {
		texts = append(texts, "ALTER TABLE "+p.name+" DISABLE TRIGGER USER", "DELETE FROM "+p.name)
	}
	return texts
}

// finish lets the triggers tell again, and has numbers go on behind those that
// were given.
func (t table) finish() (texts []string) {
	for _, p := range t.parts {
		texts = append(texts, "ALTER TABLE "+p.name+" ENABLE TRIGGER USER")
		for _, f := range t.columns {
			if f.identity {
				texts = append(texts, fmt.Sprintf("SELECT setval(pg_get_serial_sequence('%s', '%s'), greatest((SELECT max(%[2]s) FROM %[1]s), 1))", p.name, f.name))
			}
		}
	}
	return texts
}

// fill stores records.
func (t table) fill(ctx context.Context, tx pgx.Tx, batch ordinaut.Batch) error {
	if err := batch.Check(t.keeps); err != nil {
		return err
	}
	for _, text := range t.insert() {
		if _, err := tx.Exec(ctx, text, batch.List()); err != nil {
			return err
		}
	}
	return nil
}

// insert are the statements that store the records of a JSON array.
func (t table) insert() (texts []string) {
	if t.write != "" {
		return []string{t.write}
	}
	var columns, values []string
	for _, f := range t.columns {
		columns, values = append(columns, quote(f.name)), append(values, f.imported()+" AS "+quote(f.name))
	}
	list := strings.Join(columns, ", ")
	for _, p := range t.parts {
		text := "INSERT INTO " + p.name + " (" + list + ") OVERRIDING SYSTEM VALUE SELECT " + list +
			" FROM (SELECT " + strings.Join(values, ", ") + " FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY AS list (r, n) ORDER BY n) AS record"
		if p.only != "" {
			text += " WHERE " + p.only
		}
		texts = append(texts, text)
	}
	return texts
}

func (t table) keeps(name string) bool {
	return slices.ContainsFunc(t.columns, func(f field) bool { return f.name == name })
}

// imported is what a column is given of a record.
func (f field) imported() string {
	v := "(r ->> '" + f.name + "')"
	switch f.kind {
	case "timestamp with time zone":
		v = "'epoch'::timestamptz + " + v + "::bigint * interval '1 microsecond'"
	case "interval":
		v += "::bigint * interval '1 microsecond'"
	case "boolean":
		v += "::int::boolean"
	case "bytea":
		v = "decode(" + v + ", 'hex')"
	case "text":
	default:
		v += "::" + f.kind
	}
	if f.must && f.otherwise == "" && f.kind == "text" {
		f.otherwise = "''"
	}
	if f.must && f.otherwise != "" {
		v = "coalesce(" + v + ", " + f.otherwise + ")"
	}
	return v
}

func quote(name string) string { return `"` + name + `"` }
