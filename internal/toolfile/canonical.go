package toolfile

import (
	"bytes"
	"encoding/json"
)

// writtenServer is a server as it is written, in the words that most clients
// know.
type writtenServer struct {
	Type     string            `json:"type,omitempty"`
	Command  string            `json:"command,omitempty"`
	Args     []string          `json:"args,omitempty"`
	Env      map[string]string `json:"env,omitempty"`
	EnvFile  string            `json:"envFile,omitempty"`
	Cwd      string            `json:"cwd,omitempty"`
	URL      string            `json:"url,omitempty"`
	Headers  map[string]string `json:"headers,omitempty"`
	Disabled bool              `json:"disabled,omitempty"`
	Include  []string          `json:"includeTools,omitempty"`
	Exclude  []string          `json:"excludeTools,omitempty"`
	Own      *writtenExtras    `json:"x-ordinaut,omitempty"`
}

// writtenExtras is what only Ordinaut knows.
type writtenExtras struct {
	StartTimeout float64           `json:"start_timeout_seconds,omitempty"`
	Idempotency  map[string]string `json:"idempotency,omitempty"`
}

// writtenTool is an HTTP tool as it is written.
type writtenTool struct {
	Title        string            `json:"title,omitempty"`
	Description  string            `json:"description,omitempty"`
	Method       string            `json:"method,omitempty"`
	URL          string            `json:"url"`
	Headers      map[string]string `json:"headers,omitempty"`
	Query        map[string]string `json:"query,omitempty"`
	Body         json.RawMessage   `json:"body,omitempty"`
	InputSchema  json.RawMessage   `json:"input_schema,omitempty"`
	OutputSchema json.RawMessage   `json:"output_schema,omitempty"`
	Output       string            `json:"output,omitempty"`
	Success      string            `json:"success,omitempty"`
	ReadOnly     bool              `json:"read_only"`
	Idempotent   bool              `json:"idempotent"`
	KeyHeader    string            `json:"idempotency_header,omitempty"`
	Allow        []string          `json:"allow,omitempty"`
}

// Entry is what can be written into a catalog file: a Server or an HTTPTool.
type Entry interface {
	// entry is the root field that it stands under, its name there, and how it
	// is written.
	entry() (root, name string, written any)
}

func (s Server) entry() (root, name string, written any) {
	w := writtenServer{
		Command: s.Command, Args: s.Args, Env: s.Env, EnvFile: s.EnvFile, Cwd: s.Cwd,
		URL: s.URL, Headers: s.Headers, Disabled: s.Disabled, Include: s.Include, Exclude: s.Exclude,
	}
	if s.Kind == HTTP {
		w.Type = string(HTTP)
	}
	own := writtenExtras{StartTimeout: s.StartTimeout.Seconds(), Idempotency: s.Idempotency}
	if own.StartTimeout != 0 || len(own.Idempotency) > 0 {
		w.Own = &own
	}
	return "mcpServers", s.Name, w
}

func (t HTTPTool) entry() (root, name string, written any) {
	return "tools", t.Address, writtenTool{
		Title: t.Title, Description: t.Description, Method: t.Method, URL: t.URL, Headers: t.Headers, Query: t.Query,
		Body: t.Body, InputSchema: t.InputSchema, OutputSchema: t.OutputSchema, Output: t.Output, Success: t.Success,
		ReadOnly: t.ReadOnly, Idempotent: t.Idempotent, KeyHeader: t.KeyHeader, Allow: t.Allow,
	}
}

// Canonical is the file as Ordinaut would write it, whatever dialect it is in.
func (f File) Canonical() ([]byte, error) {
	out := []byte("{}\n")
	var err error
	for _, s := range f.Servers {
		if out, err = Add(out, s); err != nil {
			return nil, err
		}
	}
	for _, t := range f.Tools {
		if out, err = Add(out, t); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// indented is a value as JSON for people. Nothing in it is escaped for HTML.
func indented(v any, prefix, unit string) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent(prefix, unit)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSpace(b.Bytes()), nil
}
