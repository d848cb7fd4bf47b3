package toolfile

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/ordinaut/ordinaut"
)

// Resolve replaces the references of a file:
//
//	${VAR}, ${env:VAR}      a variable of the environment, which must be set
//	${VAR:-default}         the same, or the default when it is unset or empty
//	$VAR, Bearer $VAR       the same, when nothing else stands in the value
//	${input:id}             the variable ORDINAUT_INPUT_ID, or the input's default
//	${file:/path}           the text of a file, without the line break at its end
//	${workspaceFolder}      the folder of the file
//	${userHome}             the home folder
//	$${                     a literal ${
//
// They stand in the command, args, env, envFile, cwd, url and headers of a
// server, and, spelt with their kind, in the url, headers, query and body of an
// HTTP tool, where ${x} is an argument. A server that is disabled keeps its own,
// as nobody asks for what they stand for.
//
// The file that it returns holds secrets: it is to be kept in memory only. The
// error is an *ordinaut.Error with every reference that leads nowhere.
func (f File) Resolve(look Lookup) (File, error) {
	r := &resolver{look: look, inputs: f.Inputs}
	out := f
	out.Servers = slices.Clone(f.Servers)
	for i, s := range out.Servers {
		if !s.Disabled {
			out.Servers[i] = r.server(s)
		}
	}
	out.Tools = slices.Clone(f.Tools)
	for i, t := range out.Tools {
		out.Tools[i] = r.tool(t)
	}
	if err := together("the catalog file", r.faults); err != nil {
		return File{}, err
	}
	return out, nil
}

// resolver replaces references, and gathers those that lead nowhere.
type resolver struct {
	look   Lookup
	inputs []Input
	faults ordinaut.Errors
}

func (r *resolver) server(s Server) Server {
	at := func(field string) (string, string) { return "server " + s.Name, s.place(field) }
	s.fingerprint = s.Fingerprint()
	s.Command = r.text(s.Command, "command", at)
	s.Args = slices.Clone(s.Args)
	for i, arg := range s.Args {
		s.Args[i] = r.text(arg, "args/"+strconv.Itoa(i), at)
	}
	s.Env = r.table(s.Env, "env", at)
	s.Headers = r.table(s.Headers, "headers", at)
	s.URL = r.text(s.URL, "url", at)
	if s.Cwd != "" {
		s.Cwd = r.path(r.text(s.Cwd, "cwd", at))
	}
	if s.EnvFile != "" {
		s.EnvFile = r.path(r.text(s.EnvFile, "envFile", at))
		s.Env = r.envFile(s, at)
	}
	if s.Kind == HTTP {
		if err := checkURL("server "+s.Name, s.URL); err != nil && !r.failed(s.place("url")) {
			r.faults.Add(err.Moved(s.place("url")))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.Headers)) {
		if !sendable(name, s.Headers[name]) {
			r.fault(ordinaut.CodeToolsFile, s.place("headers/"+name), fmt.Sprintf("server %s: the header %s has more than one line", s.Name, name), "give it a value of one line")
		}
	}
	return s
}

// place is the JSON Pointer of a field of the server in its file.
func (s Server) place(field string) string {
	if at, ok := s.places[field]; ok {
		return at
	}
	name, rest, deeper := strings.Cut(field, "/")
	at, ok := s.places[name]
	switch {
	case !ok:
		return s.places["name"]
	case deeper:
		return below(at, rest)
	}
	return at
}

func (r *resolver) tool(t HTTPTool) HTTPTool {
	at := func(field string) (string, string) {
		return "tool " + t.Address, below("/tools", t.Address) + "/" + field
	}
	replace := func(field string) func(string) string {
		return func(text string) string {
			return expandTemplate(text, func(ref reference) string { return r.find(ref, field, at) })
		}
	}
	t.URL = replace("url")(t.URL)
	t.Headers = replaced(t.Headers, func(name string) func(string) string { return replace("headers/" + name) })
	t.Query = replaced(t.Query, func(name string) func(string) string { return replace("query/" + name) })
	if t.Body != nil {
		var body any
		d := json.NewDecoder(bytes.NewReader(t.Body))
		d.UseNumber()
		if err := d.Decode(&body); err == nil {
			t.Body, _ = json.Marshal(eachText(body, replace("body"))) // of values that were JSON before
		}
	}
	return t
}

// spot says whose field it is, and where it stands.
type spot func(field string) (owner, place string)

func (r *resolver) table(table map[string]string, field string, at spot) map[string]string {
	return replaced(table, func(name string) func(string) string {
		return func(text string) string { return r.text(text, field+"/"+name, at) }
	})
}

// replaced is a table with its values replaced, in the order of their names, so
// that faults have one too.
func replaced(table map[string]string, by func(name string) func(string) string) map[string]string {
	out := maps.Clone(table)
	for _, name := range slices.Sorted(maps.Keys(table)) {
		out[name] = by(name)(table[name])
	}
	return out
}

// text replaces the references of a text.
func (r *resolver) text(text, field string, at spot) string {
	return expand(text, "${",
		func(ref reference) string { return r.find(ref, field, at) },
		func(body string) string { return r.unknown(body, field, at) })
}

// dotted is a field as people write it.
func dotted(field string) string { return strings.Replace(field, "/", ".", 1) }

func (r *resolver) fault(code ordinaut.Code, place, message, fix string, examples ...string) {
	r.faults.Add(&ordinaut.Error{Code: code, At: place, Message: message, Fix: fix, Examples: examples})
}

// failed says whether something at a place has led nowhere already.
func (r *resolver) failed(place string) bool {
	return slices.ContainsFunc(r.faults, func(e *ordinaut.Error) bool { return e.At == place })
}
