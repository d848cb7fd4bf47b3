package jsonguard

import (
	"bytes"
	"encoding/json"
)

// Decode reads a document that the guard has let through, or that was written
// here, with its numbers as they are written.
func Decode(data []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	return d.Decode(v)
}

// Encode writes a value as JSON, with the characters that HTML minds as they are.
func Encode(v any) (json.RawMessage, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}
