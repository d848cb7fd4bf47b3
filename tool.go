package ordinaut

import "encoding/json"

// Tool is something that can be called by its address, with the shape of what
// it takes and gives.
type Tool struct {
	Address      string // server.tool
	Title        string
	Description  string
	InputSchema  json.RawMessage // JSON Schema 2020-12
	OutputSchema json.RawMessage
	ReadOnly     bool // it changes nothing: a call need not be recorded before it is made
	Idempotent   bool // calling it again with the same arguments changes nothing more
	Examples     []ToolExample
}

// ToolExample is one call of a tool and what it answers.
type ToolExample struct {
	Input  json.RawMessage
	Output json.RawMessage
}
