//go:build unix

// Command animal is an MCP server on standard input and output that behaves
// badly in the one way that its argument names. Each has two tools: bad, which
// shows how, and good, which answers with its arguments at once, as far as the
// animal lets anybody come to it.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
)

func main() {
	if len(os.Args) < 2 {
		os.Exit(2)
	}
	b, ok := behaviours()[os.Args[1]]
	if !ok {
		fmt.Fprintln(os.Stderr, "there is no such animal:", os.Args[1])
		os.Exit(2)
	}
	s := &server{behaviour: b, in: bufio.NewScanner(os.Stdin), out: os.Stdout}
	s.in.Buffer(nil, 1<<20)
	s.serve()
}

// behaviour is what an animal does differently. What it leaves nil it does as
// every server does.
type behaviour struct {
	start func(s *server)            // once, before it listens
	list  func(s *server, r request) // lists its tools
	call  func(s *server, r request) // calls its bad tool
}

// behaviours is every animal of the zoo.
func behaviours() map[string]behaviour {
	all := map[string]behaviour{}
	for _, group := range []map[string]behaviour{starters(), listers(), answerers(), talkers(), processes()} {
		for name, b := range group {
			all[name] = b
		}
	}
	return all
}

// server is an animal at work. It does one thing after the other, so one that
// is busy being bad hears nothing.
type server struct {
	behaviour
	in  *bufio.Scanner
	out *os.File
}

// request is a message of the client.
type request struct {
	ID     json.RawMessage `json:"id"`
	Method string          `json:"method"`
	Params struct {
		Name      string          `json:"name"`
		Arguments json.RawMessage `json:"arguments"`
		Cursor    string          `json:"cursor"`
		Meta      struct {
			ProgressToken json.RawMessage `json:"progressToken"`
		} `json:"_meta"`
	} `json:"params"`
}

func (s *server) serve() {
	if s.start != nil {
		s.start(s)
	}
	for {
		r, ok := s.next()
		if !ok {
			return
		}
		s.handle(r)
	}
}

// next is the next message of the client.
func (s *server) next() (r request, ok bool) {
	if !s.in.Scan() {
		return r, false
	}
	return r, json.Unmarshal(s.in.Bytes(), &r) == nil
}

func (s *server) handle(r request) {
	switch {
	case r.Method == "initialize":
		s.answer(r, `{"protocolVersion":"2025-06-18","capabilities":{"tools":{"listChanged":true},"logging":{}},"serverInfo":{"name":"animal","version":"1"}}`)
	case r.Method == "ping", r.Method == "logging/setLevel":
		s.answer(r, `{}`)
	case r.Method == "tools/list" && s.list != nil:
		s.list(s, r)
	case r.Method == "tools/list":
		s.answer(r, tools(tool("bad", anything, ""), tool("good", anything, "")))
	case r.Method == "tools/call" && r.Params.Name == "good":
		s.say(r, string(r.Params.Arguments))
	case r.Method == "tools/call" && s.call != nil:
		s.call(s, r)
	case r.Method == "tools/call":
		s.say(r, "honest")
	case len(r.ID) > 0:
		s.write(fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"error":{"code":-32601,"message":"no method %s"}}`, r.ID, r.Method))
	}
}

// anything is a schema that takes every object.
const anything = `{"type":"object"}`

// tool is the definition of a tool; an empty schema is none.
func tool(name, input, output string) string {
	if output != "" {
		output = `,"outputSchema":` + output
	}
	return fmt.Sprintf(`{"name":%q,"description":"A tool.","inputSchema":%s%s}`, name, input, output)
}

// tools is a list of definitions.
func tools(definitions ...string) string {
	text := `{"tools":[`
	for i, d := range definitions {
		if i > 0 {
			text += ","
		}
		text += d
	}
	return text + `]}`
}

// say answers a call with a text.
func (s *server) say(r request, text string) {
	quoted, _ := json.Marshal(text)
	s.answer(r, fmt.Sprintf(`{"content":[{"type":"text","text":%s}]}`, quoted))
}

// answer answers a request.
func (s *server) answer(r request, result string) {
	s.write(fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"result":%s}`, r.ID, result))
}

// write writes a line.
func (s *server) write(line string) { _, _ = s.out.WriteString(line + "\n") }
