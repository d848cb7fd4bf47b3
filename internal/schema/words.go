package schema

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ordinaut/ordinaut"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// tell adds the fault, or the faults, of an error that stands for itself.
func (c *collector) tell(e *jsonschema.ValidationError) {
	at := join("", e.InstanceLocation...)
	switch k := e.ErrorKind.(type) {
	case *kind.Required:
		c.missing(e, at, k.Missing, "")
	case *kind.DependentRequired:
		c.missing(e, at, k.Missing, " beside "+k.Prop)
	case *kind.Dependency:
		c.missing(e, at, k.Missing, " beside "+k.Prop)
	case *kind.AdditionalProperties:
		for _, name := range c.firstOf(k.Properties) {
			c.unknown(e, join(at, name), name, c.node(e).fields())
		}
	case *kind.FalseSchema:
		c.unknown(e, at, nameOf(e.InstanceLocation), nil)
	case *kind.Type:
		c.wrongType(e, at, k)
	case *kind.Enum:
		c.notOneOf(e, at, k.Want)
	case *kind.Const:
		c.notOneOf(e, at, []any{k.Want})
	case *kind.PropertyNames:
		at = c.holder(e, k.Property)
		c.add(e, join(at, k.Property), fmt.Sprintf("%q is not accepted as a name here", k.Property), "rename it").Sent = k.Property
	default:
		c.outOfBounds(e, at)
	}
}

// add notes a fault whose code is field.invalid_value.
func (c *collector) add(e *jsonschema.ValidationError, at, message, fix string) *ordinaut.Error {
	f := &ordinaut.Error{
		Code:     ordinaut.CodeFieldValue,
		At:       at,
		Sent:     shown(c.at(e)),
		Message:  message,
		Fix:      fix,
		Examples: c.node(e).examples(),
	}
	c.faults = append(c.faults, f)
	return f
}

func (c *collector) missing(e *jsonschema.ValidationError, at string, names []string, why string) {
	for _, name := range c.firstOf(names) {
		f := c.add(e, join(at, name), name+" is missing"+why, "add "+name)
		f.Code, f.Sent, f.Examples = ordinaut.CodeFieldRequired, nil, nil
		if field := c.node(e).properties[name]; field != nil {
			f.Fix += field.describe()
			f.Examples = field.examples()
		}
	}
}

func (c *collector) unknown(e *jsonschema.ValidationError, at, name string, known []string) {
	f := c.add(e, at, name+" is not accepted here", "leave it out")
	f.Code, f.Examples = ordinaut.CodeFieldUnknown, nil
	v, _ := lookup(c.value, split(at))
	f.Sent = shown(v)
	if near := c.nearest(name, known); near != "" {
		f.Fix = "did you mean " + near + "?"
	} else if len(known) > 0 {
		f.Fix += ", or use one of " + list(known)
	}
}

func (c *collector) wrongType(e *jsonschema.ValidationError, at string, k *kind.Type) {
	var want []string
	for _, t := range k.Want {
		want = append(want, article(t))
	}
	slices.SortStableFunc(want, func(a, b string) int { return strings.Compare(a[:1], b[:1]) }) // null last
	wanted := strings.Join(slices.Compact(want), " or ")
	f := c.add(e, at, fmt.Sprintf("%s must be %s, not %s", nameOf(e.InstanceLocation), wanted, article(k.Got)), "send "+wanted)
	f.Code = ordinaut.CodeFieldType
	if text, ok := c.at(e).(string); ok && json.Valid([]byte(text)) && k.Want[0] != "string" {
		f.Fix += ", without quotes around it"
	}
}

func (c *collector) notOneOf(e *jsonschema.ValidationError, at string, want []any) {
	values := make([]string, min(len(want), mostCompared))
	for i := range values {
		values[i] = plain(want[i])
	}
	name := nameOf(e.InstanceLocation)
	if len(values) == 1 {
		c.add(e, at, fmt.Sprintf("%s must be %s", name, values[0]), "send "+values[0]).Examples = values
		return
	}
	f := c.add(e, at, fmt.Sprintf("%s must be one of %s", name, list(values)), "send one of them")
	f.Examples = values[:min(len(values), mostListed)]
	if near := c.nearest(plain(c.at(e)), values); near != "" {
		f.Fix = "did you mean " + near + "?"
	}
}

// outOfBounds tells of a value that has the right type and is still not
// accepted.
func (c *collector) outOfBounds(e *jsonschema.ValidationError, at string) {
	name := nameOf(e.InstanceLocation)
	say := func(rule, fix string) { c.add(e, at, name+" "+rule, fix) }
	count := func(rule string, got, want int, unit string) {
		if want != 1 {
			unit += "s"
		}
		say(fmt.Sprintf("must have %s %d %s, and has %d", rule, want, unit, got), fmt.Sprintf("send %s %d %s", rule, want, unit))
	}
	bound := func(rule string, want interface{ Float64() (float64, bool) }) {
		n, _ := want.Float64()
		rule += " " + strconv.FormatFloat(n, 'f', -1, 64)
		say("must be "+rule, "send a number that is "+rule)
	}
	switch k := e.ErrorKind.(type) {
	case *kind.MinLength:
		count("at least", k.Got, k.Want, "character")
	case *kind.MaxLength:
		count("at most", k.Got, k.Want, "character")
	case *kind.MinItems:
		count("at least", k.Got, k.Want, "item")
	case *kind.MaxItems:
		count("at most", k.Got, k.Want, "item")
	case *kind.MinProperties:
		count("at least", k.Got, k.Want, "field")
	case *kind.MaxProperties:
		count("at most", k.Got, k.Want, "field")
	case *kind.Minimum:
		bound("at least", k.Want)
	case *kind.Maximum:
		bound("at most", k.Want)
	case *kind.ExclusiveMinimum:
		bound("more than", k.Want)
	case *kind.ExclusiveMaximum:
		bound("less than", k.Want)
	case *kind.MultipleOf:
		bound("a multiple of", k.Want)
	case *kind.Pattern:
		say("does not have the form "+k.Want, "send text that matches "+k.Want)
	case *kind.Format:
		say("is not a valid "+k.Want, "send a valid "+k.Want+formatExample(k.Want))
	case *kind.UniqueItems:
		say(fmt.Sprintf("has the same item at %d and %d", k.Duplicates[0], k.Duplicates[1]), "leave one of them out")
	case *kind.AdditionalItems:
		say("has more items than are accepted", fmt.Sprintf("leave out the last %d", k.Count))
	case *kind.Contains, *kind.MinContains:
		say("lacks an item of the kind that must be in it", "add it")
	case *kind.MaxContains:
		say("has too many items of one kind", "leave some of them out")
	case *kind.OneOf:
		say("fits more than one of the forms of which it must fit one", "leave out what belongs to the other form")
	default:
		say("is not accepted", "see what the schema says of it")
	}
}

// nearest is what was most likely meant, as long as looking for it costs little.
func (c *collector) nearest(word string, candidates []string) string {
	if c.compared += len(candidates); c.compared > mostCompared {
		return ""
	}
	return ordinaut.Nearest(word, candidates)
}
