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

// readDocument reads a file, or stdin for "-", as JSON. A file that is not JSON
// is read as YAML.
func (a *app) readDocument(file string) (json.RawMessage, error) {
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
	if json.Valid(text) {
		return text, nil // as it is: the server sees every digit, and every key that stands twice
	}
	return fromYAML(text)
}

// fromYAML turns a YAML document into JSON. Scalars keep their text where
// decoding would change it: a date stays a date.
func fromYAML(text []byte) (json.RawMessage, error) {
	d := yaml.NewDecoder(bytes.NewReader(text))
	var root yaml.Node
	if err := d.Decode(&root); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, errors.New("it is empty")
		}
		return nil, err
	}
	if d.Decode(new(yaml.Node)) == nil {
		return nil, errors.New("it holds more than one document")
	}
	w := yamlWriter{left: limits.JSONNodes}
	if err := w.node(&root); err != nil {
		return nil, err
	}
	return w.out.Bytes(), nil
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
