package postgres

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/google/uuid"
)

// Instants need no words of their own: time.Time is bound and scanned as it is,
// in UTC, and *time.Time is NULL when it is nil.

// nobody is an id that nothing has.
const nobody = "00000000-0000-0000-0000-000000000000"

// id is an id as a parameter: NULL when there is none, and one that nothing has
// when the text is no uuid in the one form in which it is given out.
func id[T ~string](v T) any {
	switch u, err := uuid.Parse(string(v)); {
	case v == "":
		return nil
	case err != nil || u.String() != string(v):
		return nobody
	}
	return string(v)
}

// ids are ids as a parameter of the type uuid[].
func ids[T ~string](vs []T) []string {
	texts := make([]string, len(vs))
	for i, v := range vs {
		if text, some := id(v).(string); some {
			texts[i] = text
		} else {
			texts[i] = nobody
		}
	}
	return texts
}

// textsOf are words as a parameter of the type text[].
func textsOf[T ~string](vs []T) []string {
	list := make([]string, len(vs))
	for i, v := range vs {
		list[i] = string(v)
	}
	return list
}

// textOrNull is a text, or NULL for "".
func textOrNull[T ~string](v T) any {
	if v == "" {
		return nil
	}
	return string(v)
}

// plain is what somebody said, as a text column keeps it: PostgreSQL refuses NUL,
// and what is no UTF-8.
func plain(said string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(said, "\uFFFD"), "\x00", "\uFFFD")
}

// document is JSON as a column keeps it, or NULL when there is none.
func document(raw json.RawMessage) any {
	if raw == nil {
		return nil
	}
	return string(raw)
}

// encoded is a value as a JSON column keeps it.
func encoded(v any) (string, error) {
	raw, err := json.Marshal(v)
	return string(raw), err
}

// encodedOrNull is a value as a JSON column keeps it, or NULL for nil.
func encodedOrNull[T any](v *T) (any, error) {
	if v == nil {
		return nil, nil
	}
	return encoded(v)
}

// bytesOf scans a column that holds JSON or NULL as it is.
func bytesOf(raw *json.RawMessage) *[]byte { return (*[]byte)(raw) }

// decoded scans a column that holds JSON or NULL into what it stands for.
type decoded struct{ into any }

// Scan implements sql.Scanner.
func (d decoded) Scan(column any) error {
	switch column := column.(type) {
	case nil:
		return nil
	case string:
		return json.Unmarshal([]byte(column), d.into)
	case []byte:
		return json.Unmarshal(column, d.into)
	}
	return fmt.Errorf("%v is not JSON", column)
}

// orNone scans a column that holds a text, an id, or NULL, which is "".
func orNone[T ~string](into *T) noneOr[T] { return noneOr[T]{into} }

type noneOr[T ~string] struct{ into *T }

// Scan implements sql.Scanner.
func (n noneOr[T]) Scan(column any) error {
	switch column := column.(type) {
	case nil:
		*n.into = ""
	case string:
		*n.into = T(column)
	default:
		return fmt.Errorf("%v is not a text", column)
	}
	return nil
}

// page is the LIMIT of a filter, or NULL, which is everything.
func page(limit int) any {
	if limit == 0 {
		return nil
	}
	return limit
}
