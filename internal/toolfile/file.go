// Package toolfile reads and changes the file in which an operator says which
// tools there are: the mcpServers file that every MCP client uses, in each of
// its dialects, with the HTTP tools of Ordinaut beside them.
//
// It promises that a file which any client accepts is read as that client means
// it, that every fault is told at once with its place, that a misspelt field is
// a fault rather than a silence, that an edit keeps comments, order and
// everything it does not know, and that a value which came out of a reference is
// never printed. It decides from bytes and names, and touches neither disk nor
// environment; starting servers and calling tools is left to others.
package toolfile

import (
	"encoding/json"
	"maps"
	"slices"
	"time"
)

// File is a catalog file, in one form whatever dialect it was written in.
// References such as ${VAR} are still in it; Resolve replaces them.
type File struct {
	Servers []Server   // in the order of the file
	Tools   []HTTPTool // in the order of the file
	Inputs  []Input    // what ${input:…} stands for
	Notes   []string   // what is read otherwise than its author may expect, a sentence each
}

// Kind is how a server is reached.
type Kind string

// The kinds of servers.
const (
	Stdio Kind = "stdio" // a program that speaks MCP on its standard input and output
	HTTP  Kind = "http"  // Streamable HTTP
)

// Server is an MCP server.
type Server struct {
	Name string // what its tools' addresses begin with
	Kind Kind

	Command string            // of a stdio server: a program, without a shell
	Args    []string          // handed over as they are
	Env     map[string]string // added to the few variables that every server gets
	EnvFile string            // a file with more of them; Resolve reads it into Env
	Cwd     string

	URL     string // of an http server
	Headers map[string]string

	Disabled     bool
	StartTimeout time.Duration // until it answers the first time; 0 is the default
	Include      []string      // the tools that are offered, by name; none is all
	Exclude      []string      // tools that are not

	Idempotency map[string]string // tool name → the argument that takes the idempotency key

	places      map[string]string // field as named here → JSON Pointer in the file
	fingerprint string            // of a resolved server, what it was before
}

// Equal says whether two servers are the same but for where in a file they
// stand.
func (s Server) Equal(o Server) bool {
	return s.Name == o.Name && s.Kind == o.Kind &&
		s.Command == o.Command && slices.Equal(s.Args, o.Args) && maps.Equal(s.Env, o.Env) &&
		s.EnvFile == o.EnvFile && s.Cwd == o.Cwd &&
		s.URL == o.URL && maps.Equal(s.Headers, o.Headers) &&
		s.Disabled == o.Disabled && s.StartTimeout == o.StartTimeout &&
		slices.Equal(s.Include, o.Include) && slices.Equal(s.Exclude, o.Exclude) &&
		maps.Equal(s.Idempotency, o.Idempotency)
}

// HTTPTool is a tool that is one HTTP request.
type HTTPTool struct {
	Address      string // server.tool
	Title        string
	Description  string
	Method       string            // GET when nothing is said, or POST when there is a body
	URL          string            // a template over the arguments, as in https://api.example.com/items/${id}
	Headers      map[string]string // templates over the arguments
	Query        map[string]string // templates; null leaves a parameter out
	Body         json.RawMessage   // a template; nothing sends none
	InputSchema  json.RawMessage
	OutputSchema json.RawMessage
	Output       string   // JMESPath on {status, headers, body}; body when empty
	Success      string   // JMESPath condition on the same; a 2xx status when empty
	ReadOnly     bool     // when nothing is said, what HTTP says of the method
	Idempotent   bool     // the same
	KeyHeader    string   // the header that takes the idempotency key
	Allow        []string // hosts and networks beyond the public internet that it may reach
}

// Input is what a person would be asked for by the client whose file it is.
// Here it comes from the environment.
type Input struct {
	ID          string
	Description string
	Default     string
}

// Overrides lists the servers that take the place of a built-in group of tools,
// in the order of the file.
func (f File) Overrides() []string {
	var names []string
	for _, s := range f.Servers {
		if !s.Disabled && slices.Contains(builtins(), s.Name) {
			names = append(names, s.Name)
		}
	}
	return names
}
