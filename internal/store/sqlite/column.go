package sqlite

import (
	"encoding/json"
	"fmt"
	"math"
	"time"
)

// endOfTime is later than every instant a column holds.
const endOfTime = math.MaxInt64

// now is the store's clock, no finer than a column keeps it.
func now() time.Time { return time.UnixMicro(time.Now().UnixMicro()).UTC() }

// micros is an instant as a column keeps it.
func micros(t time.Time) int64 { return t.UnixMicro() }

// microsOrNull is an instant, or NULL when there is none.
func microsOrNull(t *time.Time) any {
	if t == nil {
		return nil
	}
	return micros(*t)
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

// list is a list of ids for json_each.
func list[T ~string](ids []T) (string, error) { return encoded(ids) }

// instant scans a column that holds an instant.
type instant time.Time

// Scan implements sql.Scanner.
func (i *instant) Scan(column any) error {
	us, ok := column.(int64)
	if !ok {
		return fmt.Errorf("%v is not an instant", column)
	}
	*i = instant(time.UnixMicro(us).UTC())
	return nil
}

// optional scans a column that holds an instant or NULL.
type optional struct{ into **time.Time }

// Scan implements sql.Scanner.
func (o optional) Scan(column any) error {
	if column == nil {
		*o.into = nil
		return nil
	}
	var i instant
	if err := i.Scan(column); err != nil {
		return err
	}
	t := time.Time(i)
	*o.into = &t
	return nil
}

// decoded scans a column that holds JSON or NULL into what it stands for.
type decoded struct{ into any }

// Scan implements sql.Scanner.
func (d decoded) Scan(column any) error {
	if column == nil {
		return nil
	}
	text, ok := column.(string)
	if !ok {
		return fmt.Errorf("%v is not JSON", column)
	}
	return json.Unmarshal([]byte(text), d.into)
}

// bytesOf scans a column that holds JSON or NULL as it is.
func bytesOf(raw *json.RawMessage) *[]byte { return (*[]byte)(raw) }
