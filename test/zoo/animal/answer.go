//go:build unix

package main

import (
	"fmt"
	"strings"
	"time"
)

// answerers answer calls otherwise than they should.
func answerers() map[string]behaviour {
	return map[string]behaviour{
		"mute":         {call: mute},
		"drip":         {call: drip},
		"endless-line": {call: func(s *server, r request) { s.begin(r); flood(s.out, strings.Repeat("x", 1<<16)) }},
		"two-gib":      {call: func(s *server, r request) { s.begin(r); s.fill(2 << 30); s.end() }},
		"two-mib":      {call: func(s *server, r request) { s.begin(r); s.fill(2 << 20); s.end() }},
		"noise":        {call: noise},
		"wrong-id":     {call: func(s *server, r request) { r.ID = []byte("987654321"); s.say(r, "a lie") }},
		"twice":        {call: func(s *server, r request) { s.say(r, "honest"); s.say(r, "a lie") }},
		"no-object":    {call: func(s *server, r request) { s.answer(r, `[1,2,3]`) }},
		"nul":          {call: func(s *server, r request) { s.answer(r, "{\"content\":[{\"type\":\"text\",\"text\":\"a\x00b\"}]}") }},
		"mojibake": {call: func(s *server, r request) {
			s.answer(r, "{\"content\":[{\"type\":\"text\",\"text\":\"\xff\xfe\xc0\xaf\"}]}")
		}},
		"duplicates": {call: func(s *server, r request) {
			s.answer(r, `{"content":[],"isError":true,"isError":false,"structuredContent":{"a":1,"\u0061":2}}`)
		}},
		"large-number": {call: func(s *server, r request) { s.answer(r, `{"content":[],"structuredContent":{"n":1e100000000}}`) }},
		"deep": {call: func(s *server, r request) {
			s.answer(r, `{"content":[],"structuredContent":{"a":`+strings.Repeat("[", 100_000)+strings.Repeat("]", 100_000)+`}}`)
		}},
		"complains": {call: func(s *server, r request) {
			s.write(fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"error":{"code":-32000,"message":%q}}`, r.ID, strings.Repeat("no! ", 1<<20)))
		}},
	}
}

// begin begins an answer that is one text.
func (s *server) begin(r request) {
	_, _ = fmt.Fprintf(s.out, `{"jsonrpc":"2.0","id":%s,"result":{"content":[{"type":"text","text":"`, r.ID)
}

// fill fills the text with so many bytes.
func (s *server) fill(n int) {
	piece := strings.Repeat("x", 1<<16)
	for range n / len(piece) {
		if _, err := s.out.WriteString(piece); err != nil {
			return
		}
	}
}

// end ends the answer.
func (s *server) end() { s.write(`"}]}}`) }

// drip answers with a byte a second.
func drip(s *server, r request) {
	s.begin(r)
	for range time.Tick(time.Second) {
		if _, err := s.out.WriteString("x"); err != nil {
			return
		}
	}
}

// noise writes what is no text, in lines and without end.
func noise(s *server, _ request) {
	bytes := make([]byte, 1000)
	for i := range bytes {
		bytes[i] = byte(i*i + 128)
	}
	flood(s.out, string(bytes)+"\n")
}
