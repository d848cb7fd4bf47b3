package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"github.com/ordinaut/ordinaut/internal/jsonguard"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// field is a flag or argument that fills one field of the request with a value
// of the type that the schema asks for. What the value must be besides is left
// to the server, which says it better.
type field struct {
	input  *input
	name   string
	schema *huma.Schema
}

// Set takes the text of the flag.
func (f *field) Set(text string) error { return f.read(text, "--"+flagName(f.name)) }

// String is empty: help shows the schema's default.
func (f *field) String() string { return "" }

// Type names the flag's values in help.
func (f *field) Type() string {
	s := f.schema
	if s.Type == huma.TypeArray {
		s = s.Items
	}
	switch {
	case s.Type == huma.TypeBoolean:
		return "bool"
	case s.Type == huma.TypeInteger, s.Type == huma.TypeNumber:
		return "number"
	case s.Format == "date-time":
		return "time"
	case s.Type == huma.TypeString:
		return "text"
	case pairs(s):
		return "name=value"
	}
	return "json|@file"
}

func (f *field) read(text, from string) error {
	was := f.input.sent[f.name]
	var value json.RawMessage
	var err error
	switch s := f.schema; {
	case s.Type == huma.TypeArray:
		value, err = f.appended(was, text)
	case pairs(s) && !strings.HasPrefix(text, "{") && !strings.HasPrefix(text, "@"):
		value, err = withPair(was, text)
	default:
		value, err = f.input.app.parse(s, text)
	}
	if err == nil {
		f.input.sent[f.name], f.input.from[f.name] = value, from
	}
	return err
}

// appended is the array with one more item.
func (f *field) appended(was json.RawMessage, text string) (json.RawMessage, error) {
	var list []json.RawMessage
	if was != nil {
		_ = json.Unmarshal(was, &list) // it was made here
	}
	item, err := f.input.app.parse(f.schema.Items, text)
	if err != nil {
		return nil, err
	}
	return json.Marshal(append(list, item))
}

// pairs says whether a field is a map of texts, which can be given as
// name=value.
func pairs(s *huma.Schema) bool {
	value, ok := s.AdditionalProperties.(*huma.Schema)
	return ok && s.Type == huma.TypeObject && value.Type == huma.TypeString
}

// withPair is the map with one more entry.
func withPair(was json.RawMessage, text string) (json.RawMessage, error) {
	name, value, ok := strings.Cut(text, "=")
	if !ok || name == "" {
		return nil, errors.New("give it as name=value, as a JSON object, or as @FILE")
	}
	entries := map[string]string{}
	if was != nil {
		_ = json.Unmarshal(was, &entries) // what is no map of texts, the server refuses
	}
	entries[name] = value
	return json.Marshal(entries)
}

// parse is one value.
func (a *app) parse(s *huma.Schema, text string) (json.RawMessage, error) {
	switch s.Type {
	case huma.TypeString:
		return quoted(text)
	case huma.TypeBoolean:
		v, err := strconv.ParseBool(text)
		if err != nil {
			return nil, errors.New("it is true or false")
		}
		return json.RawMessage(strconv.FormatBool(v)), nil
	case huma.TypeInteger:
		if _, err := strconv.ParseInt(text, 10, 64); err != nil {
			return nil, errors.New("it is a whole number")
		}
		return json.RawMessage(strings.TrimPrefix(text, "+")), nil
	case huma.TypeNumber:
		v, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, errors.New("it is a number")
		}
		return json.Marshal(v)
	}
	if file, ok := strings.CutPrefix(text, "@"); ok {
		return a.readDocument(file)
	}
	if !json.Valid([]byte(text)) {
		return nil, fmt.Errorf("it is JSON, or @FILE to read it from a file")
	}
	return json.RawMessage(text), nil
}

// quoted is a text as JSON, with the characters that HTML minds left alone.
func quoted(text string) (json.RawMessage, error) {
	return jsonguard.Encode(text)
}
