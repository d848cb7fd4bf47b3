package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// tree reads JSON as a tree that keeps the order of fields and the text of
// numbers, which is also how it is written as YAML.
func tree(text []byte) (*yaml.Node, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return readNode(d)
}

func readNode(d *json.Decoder) (*yaml.Node, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch v := token.(type) {
	case json.Delim:
		return readContainer(d, v)
	case string:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: v}, nil
	case json.Number:
		tag := "!!int"
		if strings.ContainsAny(v.String(), ".eE") {
			tag = "!!float"
		}
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: v.String()}, nil
	case bool:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: fmt.Sprint(v)}, nil
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}, nil
}

func readContainer(d *json.Decoder, open json.Delim) (*yaml.Node, error) {
	n := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	if open == '[' {
		n.Kind, n.Tag = yaml.SequenceNode, "!!seq"
	}
	for d.More() {
		item, err := readNode(d)
		if err != nil {
			return nil, err
		}
		n.Content = append(n.Content, item)
	}
	_, err := d.Token() // the closing bracket
	return n, err
}

// get finds a field by its name, or by names with dots between them.
func get(n *yaml.Node, path string) *yaml.Node {
	name, below, deeper := strings.Cut(path, ".")
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			if deeper {
				return get(n.Content[i+1], below)
			}
			return n.Content[i+1]
		}
	}
	return nil
}

// name is what an item is called: its key, its id, or its first column.
func name(n *yaml.Node, columns []string) string {
	for _, field := range append([]string{"key", "id"}, columns...) {
		if v := get(n, field); v != nil && v.Kind == yaml.ScalarNode {
			return v.Value
		}
	}
	return ""
}

// plainFields are the first fields of an item that fit into a cell.
func plainFields(n *yaml.Node) []string {
	const most = 6
	var names []string
	for i := 0; i+1 < len(n.Content) && len(names) < most; i += 2 {
		if n.Content[i+1].Kind == yaml.ScalarNode {
			names = append(names, n.Content[i].Value)
		}
	}
	return names
}

// cellRunes is how long a cell of a table may be.
const cellRunes = 60

// cell is a value as it stands in a table.
func cell(n *yaml.Node) string {
	if runes := []rune(line(n)); len(runes) > cellRunes {
		return string(runes[:cellRunes-1]) + "…"
	}
	return line(n)
}

// line is a value on one line; nothing for null.
func line(n *yaml.Node) string {
	switch {
	case n == nil || n.Tag == "!!null":
		return ""
	case n.Kind == yaml.ScalarNode:
		return clean(n.Value)
	}
	return clean(compact(n))
}

// compact is a value as one line of JSON.
func compact(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode, yaml.SequenceNode:
		parts := make([]string, 0, len(n.Content))
		for i := 0; i < len(n.Content); i++ {
			part := compact(n.Content[i])
			if n.Kind == yaml.MappingNode {
				i++
				part += ":" + compact(n.Content[i])
			}
			parts = append(parts, part)
		}
		if n.Kind == yaml.MappingNode {
			return "{" + strings.Join(parts, ",") + "}"
		}
		return "[" + strings.Join(parts, ",") + "]"
	}
	if n.Tag == "!!str" {
		raw, _ := quoted(n.Value) // a string always marshals
		return string(raw)
	}
	return n.Value
}

// withoutBlanks is the tree without the fields that say nothing, down to a
// depth. Below it lies what users wrote, which is shown as it is.
func withoutBlanks(n *yaml.Node, depth int) *yaml.Node {
	if depth == 0 || n.Kind == yaml.ScalarNode {
		return n
	}
	shown := *n
	shown.Content = nil
	if n.Kind == yaml.SequenceNode {
		for _, item := range n.Content {
			shown.Content = append(shown.Content, withoutBlanks(item, depth-1))
		}
		return &shown
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		switch {
		case value.Tag == "!!null", value.Tag == "!!str" && value.Value == "":
		case value.Kind == yaml.SequenceNode:
			shown.Content = append(shown.Content, key, withoutBlanks(value, depth))
		default:
			shown.Content = append(shown.Content, key, value)
		}
	}
	return &shown
}
