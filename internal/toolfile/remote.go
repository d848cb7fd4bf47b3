package toolfile

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/ordinaut/ordinaut"
)

var headerName = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")

// remote reads where an HTTP server is.
func (e *entry) remote(s *Server) {
	s.URL = e.text("url", "httpUrl", "serverUrl", "uri")
	e.place(s, "url", "url", "httpUrl", "serverUrl", "uri")
	s.Headers = e.table("headers", "http_headers")
	e.place(s, "headers", "headers", "http_headers")
	header := func(name, value, from string) {
		if s.Headers == nil {
			s.Headers = map[string]string{}
		}
		s.Headers[name] = value
		s.places["headers/"+name] = below(e.at, from)
	}
	for name, variable := range e.table("env_http_headers") { // Codex
		header(name, "${"+variable+"}", "env_http_headers")
	}
	if variable := e.text("bearer_token_env_var"); variable != "" {
		header("Authorization", "Bearer ${"+variable+"}", "bearer_token_env_var")
	}
	for _, name := range slices.Sorted(maps.Keys(s.Headers)) {
		if !sendable(name, s.Headers[name]) {
			e.fault(e.node, fmt.Sprintf("%s: the header %q cannot be sent", e.what, name), "a header's name is one word, and its value one line")
		}
	}
	if s.URL != "" && !strings.Contains(s.URL, "${") {
		if err := checkURL(e.what, s.URL); err != nil {
			err.At, err.Message = s.places["url"], err.Message+e.line(e.node)
			e.faults.Add(err)
		}
	}
}

// sendable says whether a header can be sent.
func sendable(name, value string) bool {
	return headerName.MatchString(name) && !strings.ContainsAny(value, "\r\n\x00")
}

// checkURL says what is wrong with the URL of a server. It does not show it, as
// there may be a token in it.
func checkURL(what, text string) *ordinaut.Error {
	u, err := url.Parse(text)
	if err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" {
		return nil
	}
	return &ordinaut.Error{
		Code: ordinaut.CodeToolsFile, Message: what + ": the url is not one of http or https",
		Fix: "give the whole URL of its MCP endpoint", Examples: []string{"https://example.com/mcp"},
	}
}

// kind decides how the server is reached, from what it says of it and from what
// it has.
func (e *entry) kind(s *Server) {
	program, remote := s.Command != "" || s.places["command"] != "", s.URL != "" || s.places["url"] != ""
	said := e.transport(s)
	if !said && remote {
		s.Kind = HTTP
	}
	switch {
	case program && remote:
		e.fault(e.node, e.what+" has both a command and a url", "keep the one by which it is reached")
	case !program && !remote && e.misspells("command", "url", "httpUrl", "serverUrl"):
		// what is told of the field is enough
	case !program && !remote && e.isExtension():
		e.fault(e.node, e.what+" is an extension of Zed, and only Zed knows how it is started", "write its command and args instead")
	case !program && !remote && !said:
		e.fault(e.node, e.what+" has neither a command nor a url", "say how it is reached", `"command": "npx"`, `"url": "https://example.com/mcp"`)
	case s.Kind == Stdio && !program:
		e.fault(e.node, e.what+" has no command", "name the program, or the type that fits a url", `"command": "npx"`, `"type": "http"`)
	case s.Kind == HTTP && !remote:
		e.fault(e.node, e.what+" has no url", "say where it is, or the type that fits a command", `"url": "https://example.com/mcp"`, `"type": "stdio"`)
	}
}

// transport reads what the server says of how it is reached, if it does.
func (e *entry) transport(s *Server) (said bool) {
	s.Kind = Stdio
	f, said := e.find("type", "transport", "transportType")
	if !said {
		return false
	}
	word, isText := f.value.(string)
	switch strings.ToLower(strings.NewReplacer("-", "", "_", "").Replace(word)) {
	case "stdio", "local":
	case "http", "streamablehttp", "remote":
		s.Kind = HTTP
	case "sse":
		s.Kind = HTTP
		e.note("%s: sse is spoken no longer; its url is reached by Streamable HTTP", e.what)
	default:
		if !isText {
			e.wrong(f, "text", `"type": "http"`)
			return false
		}
		e.unknownType(f, word)
		return false
	}
	return true
}

func (e *entry) unknownType(f field, word string) {
	fix := "use stdio or http"
	if near := ordinaut.Nearest(word, []string{"stdio", "http", "streamable-http", "sse"}); near != "" {
		fix = "did you mean " + near + "?"
	}
	e.fault(f.node, fmt.Sprintf("%s: there is no type %q", e.what, word), fix, "stdio", "http")
}

// isExtension says whether Zed keeps the command for itself.
func (e *entry) isExtension() bool {
	_, has := e.object().get("settings")
	source, _ := e.object().get("source")
	return has || source.value == "extension"
}
