package schema

import (
	"errors"
	"regexp/syntax"
	"slices"
)

// relax takes out the patterns that only a backtracking engine can match, such
// as those with lookahead, which schemas written for JavaScript have. Whoever
// wrote the schema checks them anyway; without them its tools can be used. It is
// done only where leaving out a rule accepts more, never less: under a negation
// such a pattern is left to be refused.
func relax(doc any) {
	if !negates(doc) {
		leaveOut(doc)
	}
}

// negates says whether a schema may accept less when a part of it accepts more.
func negates(v any) bool {
	switch v := v.(type) {
	case []any:
		return slices.ContainsFunc(v, negates)
	case map[string]any:
		for word, value := range v {
			switch word {
			case "not", "if", "oneOf", "maxContains", "unevaluatedProperties", "unevaluatedItems":
				return true
			}
			if negates(value) {
				return true
			}
		}
	}
	return false
}

func leaveOut(v any) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			leaveOut(item)
		}
	case map[string]any:
		if pattern, ok := v["pattern"].(string); ok && beyond(pattern) {
			delete(v, "pattern")
		}
		for word, value := range v {
			switch word {
			case "const", "enum", "default", "examples": // values, not schemas
			default:
				leaveOut(value)
			}
		}
	}
}

// beyond says whether a pattern asks for more than our engine has, rather than
// being mistaken.
func beyond(pattern string) bool {
	_, err := syntax.Parse(pattern, syntax.Perl)
	bad, ok := errors.AsType[*syntax.Error](err)
	if !ok {
		return false
	}
	switch bad.Code {
	case syntax.ErrInvalidPerlOp, syntax.ErrInvalidEscape, syntax.ErrInvalidRepeatSize, syntax.ErrInvalidNamedCapture:
		return true
	}
	return false
}
