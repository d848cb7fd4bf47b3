package op

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
)

// Document writes the schema of a type as a JSON Schema (2020-12) that refers to
// nothing outside of itself, for editors and other programs. Without an id it
// has none. The rules, by the names of types inside, say what tags cannot.
func Document(t reflect.Type, id, title string, rules map[string]map[string]any) (json.RawMessage, error) {
	registry := huma.NewMapRegistry("#/$defs/", huma.DefaultSchemaNamer)
	root := *registry.Schema(t, false, title)
	delete(registry.Map(), huma.DefaultSchemaNamer(t, title))
	for name, words := range rules {
		registry.Map()[name].Extensions = words
	}
	root.Title = title
	root.Extensions = map[string]any{
		"$schema": "https://json-schema.org/draft/2020-12/schema",
	}
	if id != "" {
		root.Extensions["$id"] = id
	}
	if defs := registry.Map(); len(defs) > 0 {
		root.Extensions["$defs"] = defs
	}
	text, err := json.Marshal(&root)
	if err != nil {
		return nil, fmt.Errorf("write the schema of %s: %w", title, err)
	}
	return readable(text)
}

// readable is JSON as people read it: indented, and with < and > as they are.
func readable(text []byte) (json.RawMessage, error) {
	var v any
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(v)
	return out.Bytes(), err
}
