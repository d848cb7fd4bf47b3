package expr

import (
	"cmp"
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strconv"
)

// Truthy says whether v counts as true in a condition: everything does except
// null, false, and an empty string, array or object.
func Truthy(v any) bool {
	switch v := v.(type) {
	case nil:
		return false
	case bool:
		return v
	case string:
		return v != ""
	case []any:
		return len(v) > 0
	case map[string]any:
		return len(v) > 0
	}
	return true
}

// typeOf names the JSON type of v in the words of JMESPath's type().
func typeOf(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case json.Number, float64, int, int64:
		return "number"
	case []any:
		return "array"
	case map[string]any:
		return "object"
	case *reference:
		return "expression"
	}
	return "foreign"
}

// isA is typeOf with its article, for sentences.
func isA(v any) string { return withArticle(typeOf(v)) }

func withArticle(word string) string {
	switch word {
	case "null":
		return word
	case "array", "object", "expression":
		return "an " + word
	}
	return "a " + word
}

// number is a JSON number in a form to reckon with: exact while it is an
// integer of 64 bits, a float beyond.
type number struct {
	whole   int64
	float   float64
	isWhole bool
}

func wholeNumber(n int64) number   { return number{whole: n, float: float64(n), isWhole: true} }
func floatNumber(f float64) number { return number{float: f} }

// toNumber reads v as a number.
func toNumber(v any) (number, bool) {
	switch v := v.(type) {
	case json.Number:
		if n, err := strconv.ParseInt(string(v), 10, 64); err == nil {
			return wholeNumber(n), true
		}
		f, err := strconv.ParseFloat(string(v), 64) // infinite when out of range
		return floatNumber(f), err == nil || math.IsInf(f, 0)
	case float64:
		return floatNumber(v), true
	case int:
		return wholeNumber(int64(v)), true
	case int64:
		return wholeNumber(v), true
	}
	return number{}, false
}

// value is the number as a JSON value. A float without fraction is written as
// an integer while floats hold integers exactly.
func (n number) value() any {
	switch {
	case n.isWhole:
		return json.Number(strconv.FormatInt(n.whole, 10))
	case n.float == math.Trunc(n.float) && math.Abs(n.float) < 1<<53:
		return json.Number(strconv.FormatInt(int64(n.float), 10))
	}
	return json.Number(strconv.FormatFloat(n.float, 'g', -1, 64))
}

func (n number) negative() number {
	if n.isWhole && n.whole != math.MinInt64 {
		return wholeNumber(-n.whole)
	}
	return floatNumber(-n.float)
}

// result is the value of a computed number, which may have grown beyond what
// JSON can write.
func (n number) result() (any, error) {
	if math.IsInf(n.float, 0) || math.IsNaN(n.float) {
		return nil, badValue("the result is larger than any number", "reckon with smaller numbers")
	}
	return n.value(), nil
}

// compare is negative, zero or positive as n is less than, equal to or greater than m.
func (n number) compare(m number) int {
	if n.isWhole && m.isWhole {
		return cmp.Compare(n.whole, m.whole)
	}
	return cmp.Compare(n.float, m.float)
}

// sortedKeys lists the names of an object's fields. Go walks maps in random
// order; everything here must come out the same every time.
func sortedKeys(object map[string]any) []string { return slices.Sorted(maps.Keys(object)) }
