// Package toolfile reads and changes the file in which an operator says which
// tools there are: the mcpServers file that every MCP client uses, in each of
// its dialects, with the HTTP tools of Ordinaut beside them. It decides from
// bytes and names, and touches neither disk nor environment; starting servers
// is left to others.
package toolfile

import (
	"encoding/json"
	"time"
)

// File is a catalog file, in one form whatever dialect it was written in.
// References such as ${VAR} are still in it; Resolve replaces them.
type File struct {
	Servers []Server   // in the order of the file
	Tools   []HTTPTool // in the order of the file
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
	Cwd     string

	URL     string // of an http server
	Headers map[string]string

	Disabled     bool
	StartTimeout time.Duration // until it answers the first time; 0 is the default
	Include      []string      // the tools that are offered, by name; none is all
	Exclude      []string      // tools that are not

	Idempotency map[string]string // tool name → the argument that takes the idempotency key
	Scopes      map[string][]string
}

// HTTPTool is a tool that is one HTTP request.
type HTTPTool struct {
	Address      string // server.tool
	Title        string
	Description  string
	Method       string
	URL          string            // a template over the arguments, as in https://api.example.com/items/${id}
	Headers      map[string]string // templates over the arguments
	Query        map[string]string // templates; null leaves a parameter out
	Body         json.RawMessage   // a template; nothing sends none
	InputSchema  json.RawMessage
	OutputSchema json.RawMessage
	Output       string // JMESPath on {status, headers, body}; body when empty
	Success      string // JMESPath condition on the same; a 2xx status when empty
	ReadOnly     bool
	Idempotent   bool
	KeyHeader    string   // the header that takes the idempotency key
	Allow        []string // hosts and networks beyond the public internet that it may reach
}
