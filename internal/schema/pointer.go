package schema

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/ordinaut/ordinaut"
)

// join is the JSON Pointer (RFC 6901) of the tokens below at.
func join(at string, tokens ...string) string {
	for _, t := range tokens {
		at += "/" + ordinaut.PointerToken(t)
	}
	return at
}

// split gives the tokens of a JSON Pointer.
func split(pointer string) []string {
	if pointer == "" {
		return nil
	}
	tokens := strings.Split(pointer[1:], "/")
	for i, t := range tokens {
		tokens[i] = strings.ReplaceAll(strings.ReplaceAll(t, "~1", "/"), "~0", "~")
	}
	return tokens
}

// lookup finds the value at the tokens, and says whether there is one.
func lookup(v any, tokens []string) (any, bool) {
	for _, t := range tokens {
		switch c := v.(type) {
		case map[string]any:
			child, ok := c[t]
			if !ok {
				return nil, false
			}
			v = child
		case []any:
			i, err := strconv.Atoi(t)
			if err != nil || i < 0 || i >= len(c) {
				return nil, false
			}
			v = c[i]
		default:
			return nil, false
		}
	}
	return v, true
}

// fragment writes a JSON Pointer for the fragment of a URL.
func fragment(pointer string) string {
	parts := strings.Split(pointer, "/")
	for i, p := range parts {
		parts[i] = url.PathEscape(p)
	}
	return strings.Join(parts, "/")
}

// pointerOf reads the JSON Pointer in the fragment of a reference, and says
// whether it is one.
func pointerOf(reference string) (string, bool) {
	pointer, err := url.PathUnescape(reference[strings.IndexByte(reference, '#')+1:])
	if err != nil || pointer != "" && pointer[0] != '/' {
		return "", false
	}
	return join("", split(pointer)...), true
}
