package toolfile

import (
	"encoding/json"
	"strconv"

	"github.com/tailscale/hujson"

	"github.com/ordinaut/ordinaut"
)

// node is a value of a file, with its place. JSON and TOML become the same tree.
type node struct {
	at     string // JSON Pointer
	offset int    // of its first byte, counted from 1; 0 is not known
	value  any    // nil, bool, string, json.Number, []node, or object
}

// object is the fields of a node in the order of the file.
type object []field

// field is one of them.
type field struct {
	name string
	node
}

// get finds a field by its name.
func (o object) get(name string) (field, bool) {
	for _, f := range o {
		if f.name == name {
			return f, true
		}
	}
	return field{}, false
}

// object is the fields of a node that is an object, and none otherwise.
func (n node) object() object {
	o, _ := n.value.(object)
	return o
}

// below is the pointer to a member of what at points to.
func below(at, name string) string {
	return at + "/" + ordinaut.PointerToken(name)
}

// fromJSON makes the tree of a document that the guard has let through.
func fromJSON(v hujson.Value, at string) node {
	n := node{at: at, offset: v.StartOffset + 1}
	switch value := v.Value.(type) {
	case *hujson.Object:
		fields := make(object, 0, len(value.Members))
		for _, m := range value.Members {
			name := m.Name.Value.(hujson.Literal).String()
			fields = append(fields, field{name, fromJSON(m.Value, below(at, name))})
		}
		n.value = fields
	case *hujson.Array:
		items := make([]node, 0, len(value.Elements))
		for i, e := range value.Elements {
			items = append(items, fromJSON(e, below(at, strconv.Itoa(i))))
		}
		n.value = items
	case hujson.Literal:
		n.value = scalar(value)
	}
	return n
}

func scalar(l hujson.Literal) any {
	switch l.Kind() {
	case 't', 'f':
		return l.Bool()
	case '"':
		return l.String()
	case '0':
		return json.Number(l)
	}
	return nil
}

// raw is the node as JSON.
func (n node) raw() json.RawMessage {
	text, _ := json.Marshal(n.plain()) // of values that were JSON before
	return text
}

// plain is the node as encoding/json would decode it.
func (n node) plain() any {
	switch value := n.value.(type) {
	case object:
		fields := make(map[string]any, len(value))
		for _, f := range value {
			fields[f.name] = f.plain()
		}
		return fields
	case []node:
		items := make([]any, len(value))
		for i, item := range value {
			items[i] = item.plain()
		}
		return items
	}
	return n.value
}

// sort is what a person calls the kind of a value.
func (n node) sort() string {
	switch n.value.(type) {
	case object:
		return "an object"
	case []node:
		return "a list"
	case string:
		return "text"
	case bool:
		return "a boolean"
	case json.Number:
		return "a number"
	}
	return "null"
}
