package schema

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/ordinaut/ordinaut"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// mostFaults is how many faults of one value are told. Nobody mends more at a
// time, and a list of a thousand wrong items would tell each of them.
const mostFaults = 50

// collector turns what the library says of a value into faults for people.
type collector struct {
	nodes    map[string]*node
	value    any
	partial  bool // some parts of the value are unknown
	compared int  // how many words were compared with others
	faults   ordinaut.Errors
}

// faultsOf are the faults of a value, ordered by place, each once. The errors
// are cut to what is told before any text is made of them, because looking for
// the nearest of many names takes time.
func (c *collector) faultsOf(err error) ordinaut.Errors {
	failed, ok := errors.AsType[*jsonschema.ValidationError](err)
	if !ok {
		return ordinaut.Errors{ordinaut.AsError(err)}
	}
	leaves := c.leaves(failed)
	slices.SortFunc(leaves, func(a, b leaf) int {
		return cmp.Or(slices.Compare(a.InstanceLocation, b.InstanceLocation), strings.Compare(a.SchemaURL, b.SchemaURL))
	})
	for _, l := range leaves[:min(len(leaves), mostFaults)] {
		c.tell(l)
	}
	slices.SortFunc(c.faults, func(a, b *ordinaut.Error) int {
		return cmp.Or(strings.Compare(a.At, b.At), strings.Compare(a.Message, b.Message))
	})
	return slices.CompactFunc(c.faults, func(a, b *ordinaut.Error) bool {
		return a.At == b.At && a.Message == b.Message
	})
}

// firstOf gives the names in order, as many of them as are still told.
func (c *collector) firstOf(names []string) []string {
	names = slices.Sorted(slices.Values(names))
	return names[:min(len(names), max(mostFaults-len(c.faults), 0))]
}

// leaf is an error of the library that stands for itself.
type leaf = *jsonschema.ValidationError

// leaves are the errors that an error of the library stands for.
func (c *collector) leaves(e *jsonschema.ValidationError) (found []leaf) {
	if c.uncertain(e) {
		return nil
	}
	switch k := e.ErrorKind.(type) {
	case *kind.Schema, *kind.Group, *kind.AllOf, *kind.Reference:
		for _, cause := range e.Causes {
			found = append(found, c.leaves(cause)...)
		}
		return found
	case *kind.AnyOf:
		return c.nearestForm(e)
	case *kind.OneOf:
		if k.Subschemas == nil {
			return c.nearestForm(e)
		}
	}
	return []leaf{e}
}

// nearestForm tells why a value fits none of several forms: what is wrong with
// the form it comes nearest to. A form that wants another type, or another
// constant, is not the one that was meant, unless all of them do: then what
// they want is told together.
func (c *collector) nearestForm(e *jsonschema.ValidationError) (nearest []leaf) {
	if len(e.Causes) == 0 {
		return []leaf{e}
	}
	var others []leaf
	for _, form := range e.Causes {
		found := c.leaves(form)
		if len(found) == 0 {
			return nil // an unknown part may make it fit
		}
		other := slices.IndexFunc(found, func(l leaf) bool { return wantsAnother(l, len(e.InstanceLocation)) })
		switch {
		case other >= 0:
			others = append(others, found[other])
		case nearest == nil || len(found) < len(nearest):
			nearest = found
		}
	}
	if nearest == nil {
		return []leaf{together(others)}
	}
	return nearest
}

// wantsAnother says whether a leaf shows that the value, whose place has depth
// tokens, is of another form altogether: by its type, its own constant, or a
// constant in one of its fields.
func wantsAnother(l leaf, depth int) bool {
	switch l.ErrorKind.(type) {
	case *kind.Type, *kind.Enum:
		return len(l.InstanceLocation) == depth
	case *kind.Const:
		return len(l.InstanceLocation) <= depth+1
	}
	return false
}

// together makes one leaf of what several forms want, at the deepest place of
// them: the form that got furthest.
func together(wants []leaf) leaf {
	deepest := slices.MaxFunc(wants, func(a, b leaf) int { return len(a.InstanceLocation) - len(b.InstanceLocation) })
	var types []string
	var values []any
	for _, l := range wants {
		if !slices.Equal(l.InstanceLocation, deepest.InstanceLocation) {
			continue
		}
		switch k := l.ErrorKind.(type) {
		case *kind.Type:
			types = append(types, k.Want...)
		case *kind.Enum:
			values = append(values, k.Want...)
		case *kind.Const:
			values = append(values, k.Want)
		}
	}
	one := *deepest
	if got, ok := deepest.ErrorKind.(*kind.Type); ok {
		one.ErrorKind = &kind.Type{Got: got.Got, Want: types}
	} else {
		one.ErrorKind = &kind.Enum{Want: values}
	}
	return &one
}

// at is the value that an error is about.
func (c *collector) at(e *jsonschema.ValidationError) any {
	v, _ := lookup(c.value, e.InstanceLocation)
	return v
}

// holder is the place of the object that has the member. The library gives the
// places of names wrongly when it looks at their neighbours afterwards.
func (c *collector) holder(e *jsonschema.ValidationError, member string) string {
	if object, ok := c.at(e).(map[string]any); ok {
		if _, has := object[member]; has {
			return join("", e.InstanceLocation...)
		}
	}
	at, _ := find(c.value, "", member)
	return at
}

// find looks for an object that has the member.
func find(v any, at, member string) (string, bool) {
	switch v := v.(type) {
	case map[string]any:
		if _, has := v[member]; has {
			return at, true
		}
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if found, ok := find(v[name], join(at, name), member); ok {
				return found, true
			}
		}
	case []any:
		for i, child := range v {
			if found, ok := find(child, join(at, strconv.Itoa(i)), member); ok {
				return found, true
			}
		}
	}
	return "", false
}

// node is the subschema that an error comes from, or an empty one.
func (c *collector) node(e *jsonschema.ValidationError) *node {
	if pointer, ok := pointerOf(e.SchemaURL); ok && c.nodes[pointer] != nil {
		return c.nodes[pointer]
	}
	return &node{}
}

// fields are the names that the subschema gives to members, its own and those
// of what it is made of.
func (n *node) fields() []string {
	names := slices.Collect(maps.Keys(n.properties))
	for _, sub := range n.here {
		names = append(names, sub.fields()...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}
