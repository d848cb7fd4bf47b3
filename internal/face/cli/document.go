package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"go.yaml.in/yaml/v3"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// readObject reads a whole request from a file.
func (a *app) readObject(file string) (fields, error) {
	raw, err := a.readDocument(file)
	if err != nil {
		return nil, badFile(file, err)
	}
	var object fields
	if err := json.Unmarshal(raw, &object); err != nil || object == nil {
		return nil, badFile(file, errors.New("it does not hold an object"))
	}
	return object, nil
}

func badFile(file string, err error) error {
	return &ordinaut.Error{
		Code: ordinaut.CodeCommandUsage, Message: fmt.Sprintf("the file %s cannot be used: %v", file, err),
		Fix: "give a file that holds one object, in JSON or YAML",
	}
}

// readDocument reads a file, or stdin for "-", as one JSON document.
func (a *app) readDocument(file string) (json.RawMessage, error) {
	all, err := a.readDocuments(file)
	switch {
	case err != nil:
		return nil, err
	case len(all) != 1:
		return nil, errors.New("it holds more than one document")
	}
	return all[0], nil
}

// readDocuments reads all documents of a file, or of stdin for "-", as JSON. A
// file that is not JSON is read as YAML.
func (a *app) readDocuments(file string) ([]json.RawMessage, error) {
	var in io.Reader = a.Stdin
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	text, err := io.ReadAll(io.LimitReader(in, limits.BodyBytes+1))
	if err != nil {
		return nil, err
	}
	if len(text) > limits.BodyBytes {
		return nil, fmt.Errorf("it is larger than %d bytes", limits.BodyBytes)
	}
	if all := valuesIn(text); all != nil {
		return all, nil // as they are: the server sees every digit, and every key that stands twice
	}
	all, err := fromYAML(text)
	if err == nil && len(all) == 0 {
		err = errors.New("it is empty")
	}
	return all, err
}

// valuesIn are the JSON values that follow each other in a text; none when it
// holds anything else.
func valuesIn(text []byte) (all []json.RawMessage) {
	d := json.NewDecoder(bytes.NewReader(text))
	for {
		var one json.RawMessage
		switch err := d.Decode(&one); {
		case errors.Is(err, io.EOF):
			return all
		case err != nil:
			return nil
		}
		all = append(all, one)
	}
}

// fromYAML turns YAML documents into JSON. Scalars keep their text where decoding
// would change it: a date stays a date, and a number has all its digits.
func fromYAML(text []byte) (all []json.RawMessage, err error) {
	d := yaml.NewDecoder(bytes.NewReader(text))
	w := yamlWriter{left: limits.JSONNodes}
	for {
		var root yaml.Node
		switch err := d.Decode(&root); {
		case errors.Is(err, io.EOF):
			return all, nil
		case err != nil:
			return nil, err
		}
		w.out.Reset()
		if err := w.node(&root); err != nil {
			return nil, err
		}
		all = append(all, bytes.Clone(w.out.Bytes()))
	}
}

// yamlWriter writes a YAML tree as JSON. Aliases are written out, and the number
// of values is bounded, so that a small file cannot become a huge request.
type yamlWriter struct {
	out  bytes.Buffer
	left int
}

func (w *yamlWriter) node(n *yaml.Node) error {
	if w.left--; w.left < 0 {
		return fmt.Errorf("it has more than %d values", limits.JSONNodes)
	}
	switch n.Kind {
	case yaml.DocumentNode:
		return w.node(n.Content[0])
	case yaml.AliasNode:
		return w.node(n.Alias)
	case yaml.SequenceNode:
		return w.list('[', ']', n.Content, func(i int) error { return w.node(n.Content[i]) })
	case yaml.MappingNode:
		return w.mapping(n)
	}
	return w.scalar(n)
}

func (w *yamlWriter) mapping(n *yaml.Node) error {
	keys := make([]*yaml.Node, 0, len(n.Content)/2)
	for i := 0; i < len(n.Content); i += 2 {
		if key := n.Content[i]; key.Kind != yaml.ScalarNode || key.Tag == "!!merge" {
			return fmt.Errorf("line %d: a key must be a plain word", key.Line)
		}
		keys = append(keys, n.Content[i])
	}
	return w.list('{', '}', keys, func(i int) error {
		w.text(keys[i].Value)
		w.out.WriteByte(':')
		return w.node(n.Content[2*i+1])
	})
}

func (w *yamlWriter) list(open, end byte, items []*yaml.Node, write func(int) error) error {
	w.out.WriteByte(open)
	for i := range items {
		if i > 0 {
			w.out.WriteByte(',')
		}
		if err := write(i); err != nil {
			return err
		}
	}
	w.out.WriteByte(end)
	return nil
}

func (w *yamlWriter) scalar(n *yaml.Node) error {
	switch n.Tag {
	case "!!null", "!!bool", "!!int", "!!float":
		if json.Valid([]byte(n.Value)) {
			w.out.WriteString(n.Value)
			return nil
		}
		var v any
		if err := n.Decode(&v); err != nil {
			return err
		}
		raw, err := json.Marshal(v)
		if err != nil {
			return fmt.Errorf("line %d: %s has no place in JSON", n.Line, n.Value)
		}
		w.out.Write(raw)
	default:
		w.text(n.Value)
	}
	return nil
}

func (w *yamlWriter) text(s string) {
	raw, _ := quoted(s) // a string always marshals
	w.out.Write(raw)
}
