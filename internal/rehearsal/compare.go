package rehearsal

import (
	"encoding/json"
	"fmt"
	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/jsonguard"
	"maps"
	"slices"
	"strconv"
)

// compare lists how a value differs from the one that was wanted. Unless exact,
// an object may have fields beside those that were wanted, at any depth.
func compare(at string, want, got any, exact bool) []Mismatch {
	switch w := want.(type) {
	case map[string]any:
		if g, ok := got.(map[string]any); ok {
			return compareObjects(at, w, g, exact)
		}
	case []any:
		if g, ok := got.([]any); ok {
			return compareLists(at, w, g, exact)
		}
	case json.Number:
		if g, ok := got.(json.Number); ok && sameNumber(w, g) {
			return nil
		}
	default:
		if kindOf(want) == kindOf(got) && want == got {
			return nil
		}
	}
	return []Mismatch{{At: at, Message: message(want, got), Want: raw(want), Got: raw(got)}}
}

func compareObjects(at string, want, got map[string]any, exact bool) (found []Mismatch) {
	for _, name := range slices.Sorted(maps.Keys(want)) {
		place := at + "/" + ordinaut.PointerToken(name)
		if value, there := got[name]; there {
			found = append(found, compare(place, want[name], value, exact)...)
		} else {
			found = append(found, Mismatch{At: place, Message: "it is missing", Want: raw(want[name])})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(got)) {
		if _, wanted := want[name]; exact && !wanted {
			found = append(found, Mismatch{At: at + "/" + ordinaut.PointerToken(name), Message: "it was not expected", Got: raw(got[name])})
		}
	}
	return found
}

func compareLists(at string, want, got []any, exact bool) (found []Mismatch) {
	if len(want) != len(got) {
		return []Mismatch{{
			At: at, Message: fmt.Sprintf("it has %d items, not %d", len(got), len(want)), Want: raw(want), Got: raw(got),
		}}
	}
	for i := range want {
		found = append(found, compare(at+"/"+strconv.Itoa(i), want[i], got[i], exact)...)
	}
	return found
}

// sameNumber says whether two spellings are one number, such as 1 and 1.0.
func sameNumber(a, b json.Number) bool {
	if a == b {
		return true
	}
	x, errX := a.Float64()
	y, errY := b.Float64()
	_, wholeX := strconv.ParseInt(a.String(), 10, 64)
	_, wholeY := strconv.ParseInt(b.String(), 10, 64)
	bothWhole := wholeX == nil && wholeY == nil // and not the same: a float may not see it
	return errX == nil && errY == nil && x == y && !bothWhole
}

func message(want, got any) string {
	if w, g := kindOf(want), kindOf(got); w != g {
		return fmt.Sprintf("it is %s, not %s", g, w)
	}
	return "it is different"
}

// kindOf names the type of a JSON value.
func kindOf(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "a boolean"
	case string:
		return "a text"
	case json.Number:
		return "a number"
	case []any:
		return "a list"
	}
	return "an object"
}

// plain is a value as JSON has it.
func plain(v any) (out any) {
	text, isRaw := v.(json.RawMessage)
	if !isRaw {
		text = raw(v)
	}
	_ = jsonguard.Decode(text, &out) // nothing at all is null
	return out
}

func raw(v any) json.RawMessage {
	text, _ := jsonguard.Encode(v) // everything here was JSON, or is a struct of it
	return text
}
