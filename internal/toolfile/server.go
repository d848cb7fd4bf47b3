package toolfile

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// server reads one server.
func (r *reader) server(f field) Server {
	s := Server{Name: f.name, places: map[string]string{"name": f.at}}
	if e := checkName("server", f.name); e != nil {
		e.At, e.Message = f.at, e.Message+r.line(f.node)
		r.faults.Add(e)
	}
	e := &entry{reader: r, node: f.node, what: "server " + f.name}
	if _, ok := f.value.(object); !ok {
		r.fault(f.node, fmt.Sprintf("%s is %s, and is to be an object", e.what, f.sort()), "say how it is reached", `{"command": "npx", "args": ["-y", "…"]}`, `{"url": "https://…"}`)
		return s
	}
	e.program(&s)
	e.remote(&s)
	e.kind(&s)
	e.offer(&s)
	e.extras(&s)
	e.unread(false, foreign()...)
	return s
}

// foreign are fields of clients that mean nothing here, and those that are noted.
func foreign() []string {
	return []string{
		"$schema", "name", "title", "description", "version", "author", "icon", "tags", "note", "comment", "gallery", "dev", "source", "settings",
		"trust", "alwaysAllow", "autoApprove", "oauth", "auth", "authProviderType", "headersHelper", "required", "sampling", "roots",
		"tool_timeout_sec", "toolTimeout", "requestTimeout", "watchPaths", "metadata", "id", "scope", "scopes", "oauth_resource",
		"default_tools_approval_mode", "fromGalleryId", "disabledReason", "networkTimeout", "projectId", "alwaysLoad",
		"supports_parallel_tool_calls", "env_id", "environment_id", "logLevel", "logging",
	}
}

// program reads how a stdio server is started.
func (e *entry) program(s *Server) {
	before := e.command(s)
	s.Args = append(before, e.list("args", "arguments")...)
	if table := e.table("env", "environment"); table != nil {
		s.Env = table
	}
	for _, name := range e.list("env_vars") { // Codex: variables that are passed on
		if s.Env == nil {
			s.Env = map[string]string{}
		}
		s.Env[name] = "${" + name + "}"
		s.places["env/"+name] = below(e.at, "env_vars")
	}
	s.EnvFile = e.text("envFile", "env_file")
	s.Cwd = e.text("cwd", "workingDirectory", "working_directory")
	for _, name := range slices.Sorted(maps.Keys(s.Env)) {
		if name == "" || strings.ContainsAny(name, "=\x00") {
			e.fault(e.node, fmt.Sprintf("%s: %q cannot be the name of a variable", e.what, name), "give it a name without =")
		}
	}
	e.place(s, "args", "args", "arguments")
	e.place(s, "env", "env", "environment")
	e.place(s, "envFile", "envFile", "env_file")
	e.place(s, "cwd", "cwd", "workingDirectory", "working_directory")
}

// command reads the program, which some clients write together with its
// arguments.
func (e *entry) command(s *Server) (args []string) {
	f, ok := e.find("command")
	if !ok {
		return nil
	}
	s.places["command"] = f.at
	switch value := f.value.(type) {
	case string:
		s.Command = value
		if program, rest, spaced := strings.Cut(value, " "); spaced && !strings.ContainsAny(program, `/\`) {
			e.fault(f.node, fmt.Sprintf("%s: the command %q is a whole command line, and is to be a program", e.what, program+" …"),
				"put the words after the first into args, as no shell splits them", fmt.Sprintf(`"command": %q, "args": ["%s"]`, program, strings.Join(strings.Fields(rest), `", "`)))
		}
	case []node:
		words := e.texts("command", value)
		if len(words) > 0 {
			s.Command, args = words[0], words[1:]
		}
	case object: // older files of Zed
		inner := &entry{reader: e.reader, node: f.node, what: e.what}
		s.Command, args, s.Env = inner.text("path"), inner.list("args"), inner.table("env")
		s.places["env"] = below(f.at, "env")
	default:
		e.wrong(f, "text", `"command": "npx"`)
	}
	if strings.TrimSpace(s.Command) == "" {
		e.fault(f.node, e.what+": the command is empty", "name a program", `"command": "npx"`)
	}
	return args
}

// place notes where a field stands in the file, if it says anything.
func (e *entry) place(s *Server, name string, spellings ...string) {
	for _, spelling := range spellings {
		if f, _ := e.object().get(spelling); f.value != nil && f.value != "" {
			s.places[name] = f.at
			return
		}
	}
}
