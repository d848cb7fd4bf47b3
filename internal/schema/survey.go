package schema

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/ordinaut/ordinaut/internal/limits"
)

// node is one subschema, with the subschemas it applies and to what. It tells
// how much work the schema makes, and which names an object may have.
type node struct {
	at     string
	schema map[string]any // nil for true and false
	weight int            // how much there is to compare with

	pattern      int // the size of the pattern of strings
	namePatterns int // the size of the patterns of names

	here       []*node          // applied to the value itself
	properties map[string]*node // applied to members by name
	members    []*node          // applied to any member
	names      []*node          // applied to the names of members
	prefix     []*node          // applied to items by position
	items      []*node          // applied to any item

	paths int // see countPaths
}

// surveyor walks a schema before the library does, and refuses what could hurt.
type surveyor struct {
	doc      any
	nodes    map[string]*node
	most     int // nodes
	patterns int // the size of all patterns together
}

// survey walks everything that the schema at pointer leads to.
func (s *surveyor) survey(pointer string) (*node, error) {
	root, err := s.follow(pointer, pointer)
	if err != nil {
		return nil, err
	}
	for _, at := range slices.Sorted(maps.Keys(s.nodes)) {
		if err := s.nodes[at].countPaths(); err != nil {
			return nil, err
		}
	}
	return root, nil
}

// follow surveys the schema that a reference at from leads to.
func (s *surveyor) follow(from, pointer string) (*node, error) {
	v, ok := lookup(s.doc, split(pointer))
	if !ok {
		return nil, refuse(from, fmt.Sprintf("nothing is at #%s", pointer), "refer to a schema that exists, such as #/$defs/name")
	}
	return s.visit(pointer, v, 1)
}

// visit surveys one subschema, once.
func (s *surveyor) visit(at string, v any, depth int) (*node, error) {
	if n := s.nodes[at]; n != nil {
		return n, nil
	}
	if len(s.nodes) >= s.most {
		return nil, refuse(at, fmt.Sprintf("the schema has more than %d subschemas", s.most), "split the tool, or describe less of its data")
	}
	if depth > limits.SchemaDepth {
		return nil, refuse(at, fmt.Sprintf("the schema is nested deeper than %d levels", limits.SchemaDepth), "flatten it, or describe the inner parts less exactly")
	}
	n := &node{at: at, weight: 1}
	s.nodes[at] = n
	switch v := v.(type) {
	case bool:
		return n, nil
	case map[string]any:
		n.schema = v
		if err := s.keywords(n, depth); err != nil {
			return nil, err
		}
		return n, nil
	}
	return nil, refuse(at, "a schema must be an object, true or false", "write {} for a schema that accepts anything")
}

// keywords surveys what the keywords of a subschema hold.
func (s *surveyor) keywords(n *node, depth int) error {
	plain := 0
	for _, word := range slices.Sorted(maps.Keys(n.schema)) {
		value := n.schema[word]
		at, err := join(n.at, word), error(nil)
		switch to := n.place(word, value); {
		case to != nil:
			if word == "patternProperties" {
				n.namePatterns, err = s.namePatterns(at, value)
			}
			if err == nil {
				err = s.subschemas(at, word, value, depth+1, to)
			}
		case word == "$ref":
			err = s.reference(n, at, value)
		case word == "$dynamicRef", word == "$recursiveRef":
			err = refuse(at, word+" is not accepted", "use $ref to #/$defs/name")
		case word == "$id":
			err = refuse(at, "$id is only accepted at the top", "leave it out, and refer to #/$defs/name")
		case word == "pattern":
			n.pattern, err = s.pattern(at, value)
		default:
			plain += count(value)
		}
		if err != nil {
			return err
		}
	}
	n.weight += plain / valuesPerUnit
	return nil
}

// place says where the subschemas of a keyword go, or nil when it has none.
func (n *node) place(word string, value any) func(name string, sub *node) {
	to := func(list *[]*node) func(string, *node) {
		return func(_ string, sub *node) { *list = append(*list, sub) }
	}
	switch word {
	case "allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas", "dependencies":
		return to(&n.here)
	case "properties":
		n.properties = map[string]*node{}
		return func(name string, sub *node) { n.properties[name] = sub }
	case "patternProperties", "additionalProperties", "unevaluatedProperties":
		return to(&n.members)
	case "propertyNames":
		return to(&n.names)
	case "prefixItems":
		return to(&n.prefix)
	case "items":
		if _, byPosition := value.([]any); byPosition {
			return to(&n.prefix)
		}
		return to(&n.items)
	case "additionalItems", "unevaluatedItems", "contains":
		return to(&n.items)
	case "$defs", "definitions", "contentSchema":
		return func(string, *node) {}
	}
	return nil
}

// subschemas surveys a keyword that holds a schema, a list of schemas, or
// schemas by name.
func (s *surveyor) subschemas(at, word string, value any, depth int, to func(string, *node)) error {
	visit := func(at, name string, v any) error {
		sub, err := s.visit(at, v, depth)
		if err == nil {
			to(name, sub)
		}
		return err
	}
	if list, ok := value.([]any); ok {
		for i, v := range list {
			if err := visit(join(at, strconv.Itoa(i)), "", v); err != nil {
				return err
			}
		}
		return nil
	}
	byName, ok := value.(map[string]any)
	if !ok || !holdsNames(word) {
		return visit(at, "", value)
	}
	for name, v := range byName {
		if _, namesOnly := v.([]any); namesOnly && word == "dependencies" {
			continue
		}
		if err := visit(join(at, name), name, v); err != nil {
			return err
		}
	}
	return nil
}

// holdsNames says whether an object below the keyword has schemas by name, and
// is not a schema itself.
func holdsNames(word string) bool {
	switch word {
	case "properties", "patternProperties", "dependentSchemas", "dependencies", "$defs", "definitions":
		return true
	}
	return false
}

// reference surveys the target of a $ref and applies it to the value itself.
func (s *surveyor) reference(n *node, at string, value any) error {
	text, _ := value.(string)
	if !strings.HasPrefix(text, "#") {
		return refuse(at, "a reference must lead into the schema itself", "put the schema under $defs and refer to #/$defs/name")
	}
	pointer, ok := pointerOf(text)
	if !ok {
		return refuse(at, "a reference must be a JSON Pointer", "write it as #/$defs/name")
	}
	target, err := s.follow(at, pointer)
	if err != nil {
		return err
	}
	n.here = append(n.here, target)
	return nil
}

// count says how many values v consists of.
func count(v any) int {
	n := 1
	switch v := v.(type) {
	case map[string]any:
		for _, c := range v {
			n += count(c)
		}
	case []any:
		for _, c := range v {
			n += count(c)
		}
	}
	return n
}
