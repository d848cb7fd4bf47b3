package jsonguard

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
)

// guard is a recursive-descent reader of one document. Its recursion is bounded
// by the limit of depth.
type guard struct {
	data   []byte
	at     int // the next byte
	limits Limits
	nodes  int
	plain  []byte // the texts of escaped keys, unescaped
}

// key is the key of an object. It holds positions rather than text, so that the
// room for keys can lie on the stack.
type key struct {
	at       int // of its opening quote
	from, to int // of its text, in the data, or in plain when it is escaped
	escaped  bool
}

// text is the key as decoders understand it.
func (g *guard) text(k key) []byte {
	if k.escaped {
		return g.plain[k.from:k.to]
	}
	return g.data[k.from:k.to]
}

// document reads the one value and makes sure that nothing follows it.
func (g *guard) document() *fault {
	if bytes.HasPrefix(g.data, []byte("\xef\xbb\xbf")) {
		return malformed(0, "a byte order mark stands before the JSON", "send UTF-8 without a byte order mark")
	}
	g.space()
	if g.at == len(g.data) {
		return malformed(g.at, "the JSON is empty", "send one JSON value")
	}
	if f := g.value(1); f != nil {
		return f
	}
	g.space()
	if g.at < len(g.data) {
		return malformed(g.at, "something follows the end of the JSON value", "send one JSON value and nothing after it")
	}
	return nil
}

// value reads one value. depth is that of a container that would stand here.
func (g *guard) value(depth int) *fault {
	g.nodes++
	if g.nodes > g.limits.Nodes {
		return excessive(g.at, "the JSON has more than %d values", g.limits.Nodes, "send less at a time")
	}
	switch c := g.peek(); c {
	case '{', '[':
		if depth > g.limits.Depth {
			return excessive(g.at, "the JSON is nested deeper than %d levels", g.limits.Depth, "flatten it")
		}
		if c == '{' {
			return g.object(depth)
		}
		return g.array(depth)
	case '"':
		_, f := g.str()
		return f
	case 't':
		return g.word("true")
	case 'f':
		return g.word("false")
	case 'n':
		return g.word("null")
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return g.number()
	}
	return g.unexpected("a value")
}

func (g *guard) array(depth int) *fault {
	g.at++
	if g.space(); g.skip(']') {
		return nil
	}
	for i := 0; ; i++ {
		g.space()
		if f := g.value(depth + 1); f != nil {
			return f.insideIndex(i)
		}
		g.space()
		switch {
		case g.skip(','):
		case g.skip(']'):
			return nil
		default:
			return g.unexpected("a comma or ]")
		}
	}
}

func (g *guard) object(depth int) *fault {
	g.at++
	var room [32]key
	keys := room[:0]
	if g.space(); g.skip('}') {
		return nil
	}
	for {
		g.space()
		k, f := g.key()
		if f != nil {
			return f
		}
		keys = append(keys, k)
		if g.space(); !g.skip(':') {
			return g.unexpected("a colon after the key")
		}
		g.space()
		if f := g.value(depth + 1); f != nil {
			return f.inside(string(g.text(k)))
		}
		g.space()
		switch {
		case g.skip(','):
		case g.skip('}'):
			return g.repeated(keys)
		default:
			return g.unexpected("a comma or }")
		}
	}
}

// key reads the key of an object. An escaped one is unescaped by the standard
// decoder itself, so that both mean the same key.
func (g *guard) key() (key, *fault) {
	open := g.at
	if g.peek() != '"' {
		return key{}, g.unexpected("a key in double quotes")
	}
	escaped, f := g.str()
	if f != nil {
		return key{}, f
	}
	k := key{at: open, from: open + 1, to: g.at - 1, escaped: escaped}
	if escaped {
		var s string
		if err := json.Unmarshal(g.data[open:g.at], &s); err != nil {
			return key{}, malformed(open, "the key cannot be read", "write it without escapes")
		}
		k.from = len(g.plain)
		g.plain = append(g.plain, s...)
		k.to = len(g.plain)
	}
	if bytes.IndexByte(g.text(k), 0) >= 0 {
		return key{}, malformed(open, "the key contains a NUL character", "leave \\u0000 out of keys")
	}
	return k, nil
}

// repeated finds the first key that an object has already had. Sorting keeps
// the cost of an object with many keys low without a map.
func (g *guard) repeated(keys []key) *fault {
	slices.SortFunc(keys, func(a, b key) int {
		return cmp.Or(bytes.Compare(g.text(a), g.text(b)), a.at-b.at)
	})
	second := -1
	for i := 1; i < len(keys); i++ {
		if bytes.Equal(g.text(keys[i-1]), g.text(keys[i])) && (second < 0 || keys[i].at < keys[second].at) {
			second = i
		}
	}
	if second < 0 {
		return nil
	}
	return duplicate(keys[second].at, string(g.text(keys[second])))
}

// peek is the next byte, or 0 at the end: a byte that no JSON has outside a
// string.
func (g *guard) peek() byte { return g.ahead(0) }

// ahead is the byte n places on, or 0 behind the end.
func (g *guard) ahead(n int) byte {
	if g.at+n >= len(g.data) {
		return 0
	}
	return g.data[g.at+n]
}

// skip passes the next byte if it is c.
func (g *guard) skip(c byte) bool {
	if g.peek() != c {
		return false
	}
	g.at++
	return true
}

// space passes white space.
func (g *guard) space() {
	for g.at < len(g.data) {
		switch g.data[g.at] {
		case ' ', '\t', '\r', '\n':
			g.at++
		default:
			return
		}
	}
}

// word passes one of the three literal names.
func (g *guard) word(w string) *fault {
	if !bytes.HasPrefix(g.data[g.at:], []byte(w)) {
		return g.unexpected("a value")
	}
	g.at += len(w)
	return nil
}
