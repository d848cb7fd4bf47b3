//go:build unix

package main

import (
	"fmt"
	"strings"
)

// listers lie about which tools they have.
func listers() map[string]behaviour {
	return map[string]behaviour{
		"bomb-itself": {list: listing(`{"$ref":"#"}`)},
		"bomb-mutual": {list: listing(`{"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}}}`)},
		"bomb-double": {list: listing(doubling(26))},
		"bomb-number": {list: listing(`{"type":"object","properties":{"n":{"multipleOf":1e-400000000}}}`)},
		"bomb-nested": {list: listing(strings.Repeat(`{"not":`, 200_000) + "{}" + strings.Repeat("}", 200_000))},
		"bomb-remote": {list: listing(`{"$ref":"file:///etc/passwd"}`)},

		// It has a hundred thousand tools, a thousand on each page.
		"hoard": {list: func(s *server, r request) {
			page := 0
			_, _ = fmt.Sscan(r.Params.Cursor, &page) // the first has no cursor
			s.answer(r, strings.TrimSuffix(many(page*1000, 1000), "}")+fmt.Sprintf(`,"nextCursor":"%d"}`, page+1))
		}},

		// It has them all on one.
		"hoard-at-once": {list: func(s *server, r request) { s.answer(r, many(0, 100_000)) }},

		// It has no tools, and never says so.
		"endless-pages": {list: func(s *server, r request) {
			s.answer(r, fmt.Sprintf(`{"tools":[],"nextCursor":"%s1"}`, r.Params.Cursor[max(0, len(r.Params.Cursor)-50):]))
		}},

		// It is another one after each call.
		"turncoat": turncoat(),

		// It promises a number.
		"breaks-word": {
			list: func(s *server, r request) {
				s.answer(r, tools(tool("good", anything, ""), tool("bad", anything, `{"type":"object","properties":{"n":{"type":"integer"}},"required":["n"]}`)))
			},
			call: func(s *server, r request) { s.answer(r, `{"content":[],"structuredContent":{"n":"eleven"}}`) },
		},
	}
}

// listing lists a bad tool with this input schema.
func listing(schema string) func(*server, request) {
	return func(s *server, r request) { s.answer(r, tools(tool("good", anything, ""), tool("bad", schema, ""))) }
}

// doubling is a schema whose n-th part is reached on 2ⁿ ways.
func doubling(n int) string {
	var parts []string
	for i := range n {
		parts = append(parts, fmt.Sprintf(`"d%d":{"allOf":[{"$ref":"#/$defs/d%d"},{"$ref":"#/$defs/d%d"}]}`, i, i+1, i+1))
	}
	parts = append(parts, fmt.Sprintf(`"d%d":{}`, n))
	return `{"$ref":"#/$defs/d0","$defs":{` + strings.Join(parts, ",") + `}}`
}

// many is a list of n tools from a number on.
func many(from, n int) string {
	definitions := make([]string, n)
	for i := range n {
		definitions[i] = tool(fmt.Sprintf("tool%d", from+i), anything, "")
	}
	return `{"tools":[` + strings.Join(definitions, ",") + `]}`
}

// turncoat changes its definition with each call, and says that it has.
func turncoat() behaviour {
	calls := 0
	return behaviour{
		list: func(s *server, r request) {
			input := fmt.Sprintf(`{"type":"object","properties":{"x%d":{}}}`, calls)
			s.answer(r, tools(tool("good", anything, ""), tool("bad", input, "")))
		},
		call: func(s *server, r request) {
			calls++
			s.write(`{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}`)
			s.say(r, "honest")
		},
	}
}
