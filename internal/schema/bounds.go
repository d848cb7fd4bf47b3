package schema

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/ordinaut/ordinaut/internal/limits"
)

// maxExponent is the largest exponent of a number, up or down: more could cost
// exact arithmetic gigabytes.
const maxExponent = 308

// counting marks a subschema whose paths are being counted.
const counting = -1

// speak makes sure that a schema is written in a known draft. An id of its own
// is dropped: nobody outside may refer to it, and it would change what
// references inside mean.
func speak(doc any) error {
	root, ok := doc.(map[string]any)
	if !ok {
		return nil
	}
	delete(root, "$id")
	switch root["$schema"] {
	case nil, "https://json-schema.org/draft/2020-12/schema", "https://json-schema.org/draft/2019-09/schema",
		"http://json-schema.org/draft-07/schema#", "http://json-schema.org/draft-07/schema":
		return nil
	}
	return refuse("/$schema", "the draft of JSON Schema is not known", "use https://json-schema.org/draft/2020-12/schema, 2019-09 or draft-07")
}

// sane makes sure that no number and no nesting in the schema can hurt.
func sane(v any, depth int) error {
	if depth > limits.JSONDepth {
		return refuse("", "the schema is nested too deeply", "flatten it")
	}
	switch v := v.(type) {
	case map[string]any:
		for _, c := range v {
			if err := sane(c, depth+1); err != nil {
				return err
			}
		}
	case []any:
		for _, c := range v {
			if err := sane(c, depth+1); err != nil {
				return err
			}
		}
	case json.Number:
		if !fits(string(v)) {
			return refuse("", "the schema has a number that is too large", "use numbers that a float64 holds, in at most 40 characters")
		}
	}
	return nil
}

// fits says whether exact arithmetic on a number is cheap.
func fits(number string) bool {
	exponent := 0
	if i := strings.IndexAny(number, "eE"); i >= 0 {
		var err error
		if exponent, err = strconv.Atoi(number[i+1:]); err != nil {
			return false
		}
	}
	return len(number) <= limits.JSONNumberChars && max(exponent, -exponent) <= maxExponent
}

// countPaths counts the ways that lead from a subschema through the subschemas
// applied to the same value: each is walked for every value, so that a few
// definitions that refer to the next one twice walk for hours, and a cycle for
// ever.
func (n *node) countPaths() error {
	switch {
	case n.paths == counting:
		return refuse(n.at, "the schema refers to itself without going into the value", "refer to it from properties or items")
	case n.paths > 0:
		return nil
	}
	const tooMany = limits.SchemaPaths + 1
	n.paths = counting
	total := 1
	for _, sub := range n.here {
		if err := sub.countPaths(); err != nil {
			return err
		}
		total = min(total+sub.paths, tooMany)
	}
	if total == tooMany {
		return refuse(n.at, fmt.Sprintf("there are more than %d ways through the schema for one value", limits.SchemaPaths), "nest allOf, anyOf, oneOf and $ref less")
	}
	n.paths = total
	return nil
}
