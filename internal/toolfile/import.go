package toolfile

import (
	"path/filepath"
	"reflect"
	"slices"
	"strings"
)

// Foreign is the file of another client.
type Foreign struct {
	Name string // as for Parse
	Data []byte
	Dir  string // what it calls ${workspaceFolder}; see Workspace
}

// Imports is what came of importing a file.
type Imports struct {
	File    []byte // the catalog file, with what was added
	Entries []Imported
	Notes   []string // about the other file, as of Parse
}

// Imported is an entry of the other file, and what became of it.
type Imported struct {
	Name    string // in the catalog
	Was     string // in the other file, when it had to be changed
	Outcome Outcome
	Entry   Entry // as it stands in the catalog now, or would: a Server or an HTTPTool
	Err     error // why it cannot be used, an *ordinaut.Error
}

// Outcome is what became of an entry.
type Outcome string

// The outcomes of an import.
const (
	Added   Outcome = "added"
	Present Outcome = "present" // the catalog has the same already
	Taken   Outcome = "taken"   // the catalog has another of that name, which stays
	Refused Outcome = "refused" // it cannot be used
)

// Import writes the servers and HTTP tools of another file into a catalog file,
// in canonical form. References stay references: nothing is looked up. What the
// catalog has stays as it is, and an entry that cannot be used keeps no other
// from being imported.
func Import(catalog []byte, from Foreign) (Imports, error) {
	own, err := Parse("the catalog file", catalog)
	if err != nil {
		return Imports{}, err
	}
	r, root, err := open(from.Name, from.Data)
	if err != nil {
		return Imports{}, err
	}
	out := Imports{File: catalog}
	inputs := r.inputs(root)
	for _, f := range r.entries(root) {
		i := r.imported(f, func(f field) Entry { return r.server(f).moved(inputs, from.Dir) })
		at := slices.IndexFunc(own.Servers, func(s Server) bool { return strings.EqualFold(s.Name, i.Name) })
		out.take(i, at >= 0, at >= 0 && own.Servers[at].Equal(i.Entry.(Server)))
	}
	for _, f := range toolsIn(root) {
		i := r.imported(f, func(f field) Entry { return r.tool(f) })
		at := slices.IndexFunc(own.Tools, func(t HTTPTool) bool { return strings.EqualFold(t.Address, i.Name) })
		out.take(i, at >= 0, at >= 0 && reflect.DeepEqual(own.Tools[at], i.Entry))
	}
	out.Notes = r.notes
	return out, nil
}

// entries lists the servers of a file, and those that Claude Code keeps for each
// project.
func (r *reader) entries(root node) (found object) {
	sections := sectionsOf(root)
	projects, _ := root.object().get("projects")
	for _, project := range projects.object() {
		sections = append(sections, sectionsOf(project.node)...)
	}
	for _, s := range sections {
		found = append(found, serversIn(s)...)
	}
	return found
}

// imported reads one entry. Other clients allow any text as a name.
func (r *reader) imported(f field, read func(field) Entry) Imported {
	i := Imported{Name: f.name}
	if near := usableName(f.name); near != "" && !wellNamed.MatchString(f.name) {
		i.Name, i.Was, f.name = near, f.name, near
	}
	r.faults = nil
	i.Entry = read(f)
	i.Err = together(r.name, r.faults)
	return i
}

// take decides what becomes of an entry, and writes it if it is new.
func (out *Imports) take(i Imported, taken, same bool) {
	for _, earlier := range out.Entries { // one server in several projects
		if strings.EqualFold(earlier.Name, i.Name) && earlier.Outcome == Added {
			if reflect.DeepEqual(stripped(earlier.Entry), stripped(i.Entry)) {
				return
			}
			taken = true
		}
	}
	switch {
	case i.Err != nil:
		i.Outcome = Refused
	case same:
		i.Outcome = Present
	case taken:
		i.Outcome = Taken
	default:
		changed, err := Add(out.File, i.Entry)
		if i.Outcome, i.Err = Added, err; err != nil {
			i.Outcome = Refused
			break
		}
		out.File = changed
	}
	out.Entries = append(out.Entries, i)
}

// stripped is an entry without its place in a file.
func stripped(e Entry) Entry {
	if s, ok := e.(Server); ok {
		s.places = nil
		return s
	}
	return e
}

// moved is the server for a file that lies elsewhere and has no inputs.
func (s Server) moved(inputs []Input, dir string) Server {
	rewrite := func(text string) string {
		return expand(text, "$${",
			func(ref reference) string { return rewritten(ref, inputs, dir) },
			func(body string) string { return "${" + body + "}" })
	}
	s.Command, s.URL = rewrite(s.Command), rewrite(s.URL)
	for i, arg := range s.Args {
		s.Args[i] = rewrite(arg)
	}
	for name, value := range s.Env {
		s.Env[name] = rewrite(value)
	}
	for name, value := range s.Headers {
		s.Headers[name] = rewrite(value)
	}
	s.Cwd, s.EnvFile = movedPath(rewrite(s.Cwd), dir), movedPath(rewrite(s.EnvFile), dir)
	return s
}

// movedPath is a path that may have begun in dir.
func movedPath(path, dir string) string {
	if path == "" || dir == "" || filepath.IsAbs(path) || strings.HasPrefix(path, "${") {
		return path
	}
	return filepath.Join(dir, path)
}

// rewritten is a reference as it is written in the catalog.
func rewritten(ref reference, inputs []Input, dir string) string {
	switch {
	case ref.kind == fromDir && dir != "":
		return strings.ReplaceAll(dir, "${", "$${")
	case ref.kind == fromInput:
		for _, input := range inputs {
			if input.ID == ref.name && input.Default != "" && !strings.Contains(input.Default, "}") {
				return "${" + inputVariable(ref.name) + ":-" + input.Default + "}"
			}
		}
	case ref.bare:
		return "${" + ref.name + "}"
	}
	return ref.text
}
