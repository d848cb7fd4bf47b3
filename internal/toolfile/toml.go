package toolfile

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/ordinaut/ordinaut/internal/limits"
)

// isTOML says whether a file is TOML by its name.
func isTOML(name string) bool { return strings.EqualFold(path.Ext(name), ".toml") }

// parseTOML reads TOML.
func parseTOML(name string, data []byte) (node, error) {
	if depth(data) > limits.JSONDepth {
		return node{}, unreadable(name, fmt.Errorf("the file is nested deeper than %d levels", limits.JSONDepth))
	}
	var root map[string]any
	meta, err := toml.Decode(string(data), &root)
	if err != nil {
		message := err.Error()
		if p, ok := errors.AsType[toml.ParseError](err); ok {
			message = fmt.Sprintf("%s (line %d)", p.Message, p.Position.Line)
		}
		return node{}, unreadable(name, errors.New(message))
	}
	order := map[string]int{}
	for i, key := range meta.Keys() {
		at := ""
		for _, part := range key {
			at = below(at, part)
			if _, known := order[at]; !known {
				order[at] = i
			}
		}
	}
	return fromTOML(root, "", order), nil
}

// depth is how deeply the brackets of a text are nested. Those within strings
// count too, which no real file notices.
func depth(text []byte) (deepest int) {
	now := 0
	for _, c := range text {
		switch c {
		case '[', '{':
			now++
			deepest = max(deepest, now)
		case ']', '}':
			now--
		}
	}
	return deepest
}

// fromTOML makes the tree of a decoded document. order says where in the file
// the value at a pointer first appears, as decoding forgets it.
func fromTOML(value any, at string, order map[string]int) node {
	n := node{at: at}
	switch v := value.(type) {
	case map[string]any:
		fields := make(object, 0, len(v))
		for name, inner := range v {
			fields = append(fields, field{name, fromTOML(inner, below(at, name), order)})
		}
		slices.SortFunc(fields, func(a, b field) int {
			return cmp.Or(order[a.at]-order[b.at], cmp.Compare(a.name, b.name))
		})
		n.value = fields
	case []map[string]any:
		items := make([]node, len(v))
		for i, inner := range v {
			items[i] = fromTOML(inner, below(at, strconv.Itoa(i)), order)
		}
		n.value = items
	case []any:
		items := make([]node, len(v))
		for i, inner := range v {
			items[i] = fromTOML(inner, below(at, strconv.Itoa(i)), order)
		}
		n.value = items
	case int64:
		n.value = json.Number(strconv.FormatInt(v, 10))
	case string, bool:
		n.value = v
	case float64:
		n.value = json.Number(strconv.FormatFloat(v, 'g', -1, 64))
		if math.IsInf(v, 0) || math.IsNaN(v) {
			n.value = fmt.Sprint(v)
		}
	default:
		n.value = fmt.Sprint(v) // a date
	}
	return n
}
