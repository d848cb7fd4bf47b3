package ordinaut

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"iter"
)

// Record is a row of what a store keeps, in a form that every store knows: the
// fields of one noun, by their names. An instant or a duration is a number of
// microseconds, a truth 0 or 1, bytes are hexadecimal, and a document is its text.
// A field that says nothing, as it is null or "", is left out.
type Record struct {
	Noun string
	Data json.RawMessage // an object, its fields sorted by their names
}

// NewRecord is the record of a row.
func NewRecord(noun string, row []byte) (Record, error) {
	d := json.NewDecoder(bytes.NewReader(row))
	d.UseNumber()
	var fields map[string]any
	if err := d.Decode(&fields); err != nil {
		return Record{}, fmt.Errorf("read a row of %s: %w", noun, err)
	}
	for name, value := range fields {
		if value == nil || value == "" {
			delete(fields, name)
		}
	}
	data, err := json.Marshal(fields)
	return Record{Noun: noun, Data: data}, err
}

// Archive is a store on which nobody works, to be read or filled as a whole.
type Archive interface {
	// Export gives everything that is to outlive the store, noun after noun in the
	// order of Nouns.
	Export(ctx context.Context, yield func(Record) error) error
	// Import fills an empty store, whole or not at all. ErrNotEmpty when there is
	// something in it.
	Import(ctx context.Context, records iter.Seq2[Record, error]) error
	// Close lets others work on the store.
	Close() error
}

// Noun is a kind of record, and the fields by which its records are sorted.
type Noun struct {
	Name  string
	Order string
}

// Nouns are the kinds of records, each behind those that it refers to.
func Nouns() []Noun {
	return []Noun{
		{"agent", "id"},
		{"task", "id"},
		{"task_version", "task_id, version"},
		{"run", "id"},
		{"step_result", "position"},
		{"wait", "position"},
		{"artifact", "id"},
		{"artifact_part", "artifact_id, n"},
		{"occurrence", "task_id, nominal"},
		{"gap", "task_id, first"},
		{"event", "seq"},
		{"event_gone", "one"},
		{"run_log_size", "run_id"},
		{"reader", "name"},
		{"consumer_group", "name"},
		{"group_delivery", "consumer_group, seq"},
		{"lookout", "number"},
		{"matching", "one"},
		{"gathering", "run_id"},
		{"probe", "task_id"},
		{"webhook", "id"},
		{"webhook_delivery", "id"},
		{"hook", "name"},
		{"audit", "position"},
		{"secret", "name"},
		{"counter", "name"},
	}
}

// Batch is some records of one noun, one behind the other.
type Batch struct {
	Noun    string
	Records []Record
	bytes   int
}

// How much a batch holds at most, unless a single record is larger.
const (
	batchRecords = 500
	batchBytes   = 4 << 20
)

// Batches gathers records that follow each other.
func Batches(records iter.Seq2[Record, error]) iter.Seq2[Batch, error] {
	return func(yield func(Batch, error) bool) {
		var b Batch
		for r, err := range records {
			if err != nil {
				yield(b, err)
				return
			}
			full := len(b.Records) == batchRecords || b.bytes+len(r.Data) > batchBytes
			if len(b.Records) > 0 && (full || r.Noun != b.Noun) {
				if !yield(b, nil) {
					return
				}
				b = Batch{}
			}
			b.Noun, b.Records, b.bytes = r.Noun, append(b.Records, r), b.bytes+len(r.Data)
		}
		if len(b.Records) > 0 {
			yield(b, nil)
		}
	}
}

// List is the records as one JSON array.
func (b Batch) List() string {
	list := make([]byte, 0, b.bytes+len(b.Records)+2)
	for i, r := range b.Records {
		list = append(append(list, "[,"[min(i, 1)]), r.Data...)
	}
	return string(append(list, ']'))
}

// Check refuses records with a field that a store does not keep: it would be lost.
func (b Batch) Check(kept func(field string) bool) error {
	for _, r := range b.Records {
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(r.Data, &fields); err != nil {
			return fmt.Errorf("read a record of %s: %w", r.Noun, err)
		}
		for name := range fields {
			if !kept(name) {
				return fmt.Errorf("the store does not keep the field %s of %s", name, r.Noun)
			}
		}
	}
	return nil
}

// Tally is how many records there are of each noun, and what they sum up to
// whatever their order.
type Tally map[string]Sum

// Sum is the number of records and a checksum of them.
type Sum struct {
	Records int
	Check   [4]uint64
}

// Add counts a record.
func (t Tally) Add(r Record) {
	s := t[r.Noun]
	s.Records++
	hash := sha256.Sum256(r.Data)
	for i := range s.Check {
		s.Check[i] += binary.BigEndian.Uint64(hash[8*i:])
	}
	t[r.Noun] = s
}

// Differs names the nouns of which two tallies differ, in the order of Nouns.
func (t Tally) Differs(other Tally) (nouns []string) {
	for _, n := range Nouns() {
		if t[n.Name] != other[n.Name] {
			nouns = append(nouns, n.Name)
		}
	}
	return nouns
}
