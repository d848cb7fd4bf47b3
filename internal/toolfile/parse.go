package toolfile

import (
	"bytes"
	"fmt"
	"path/filepath"

	"github.com/ordinaut/ordinaut"
)

// Parse reads a catalog file, or that of any MCP client. The name is that of the
// file: it stands in the faults unless it is empty, and one that ends in .toml is
// read as TOML. The error is an *ordinaut.Error with every fault, each with its
// JSON Pointer into the file and, in JSON, its line.
//
// A field that it does not know is left alone, as clients have fields of their
// own, unless it is a slip away from one that matters. Lists of approvals
// (alwaysAllow, autoApprove, trust) are never taken as trust.
func Parse(name string, data []byte) (File, error) {
	r, root, err := open(name, data)
	if err != nil {
		return File{}, err
	}
	f := r.file(root)
	if err := r.err(); err != nil {
		return File{}, err
	}
	return f, nil
}

// reader reads one file and gathers what is wrong with it.
type reader struct {
	name   string
	data   []byte // of a JSON file
	faults ordinaut.Errors
	notes  []string
}

// open reads the syntax of a file.
func open(name string, data []byte) (*reader, node, error) {
	r := &reader{name: name}
	if isTOML(name) {
		root, err := parseTOML(name, data)
		return r, root, err
	}
	r.data = withoutMark(data)
	v, err := parseJSON(name, r.data)
	if err != nil {
		return r, node{}, err
	}
	return r, fromJSON(v, ""), nil
}

// withoutMark is a text without the byte order mark that editors on Windows
// write.
func withoutMark(data []byte) []byte { return bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")) }

// file reads everything that a file holds.
func (r *reader) file(root node) File {
	f := File{Inputs: r.inputs(root)}
	sections := sectionsOf(root)
	for _, s := range sections {
		if s.value == nil {
			continue
		}
		if _, ok := s.value.(object); !ok {
			r.fault(s, fmt.Sprintf("the servers are %s, and are to be an object with one field for each", s.sort()), `write {"name": {"command": …}}`)
		}
		for _, entry := range serversIn(s) {
			f.Servers = append(f.Servers, r.server(entry))
		}
	}
	f.Tools = r.tools(root)
	if len(sections) == 0 {
		r.misspeltRoot(root)
	}
	r.names(f)
	f.Notes = r.notes
	return f
}

// misspeltRoot finds the fields of a file without servers that were to hold
// them.
func (r *reader) misspeltRoot(root node) {
	for _, f := range root.object() {
		near := ordinaut.Nearest(f.name, roots())
		if _, ok := f.value.(object); ok && near != "" {
			r.fault(f.node, fmt.Sprintf("%q is not a field that holds servers", f.name), "did you mean "+near+"?", near)
		}
	}
}

// inputs reads what the file would have asked a person for.
func (r *reader) inputs(root node) (inputs []Input) {
	all, _ := root.object().get("inputs")
	items, _ := all.value.([]node)
	for _, item := range items {
		text := func(name string) string {
			f, _ := item.object().get(name)
			value, _ := f.value.(string)
			return value
		}
		inputs = append(inputs, Input{ID: text("id"), Description: text("description"), Default: text("default")})
	}
	return inputs
}

// fault notes what is wrong at a node.
func (r *reader) fault(n node, message, fix string, examples ...string) {
	r.faultOf(ordinaut.CodeToolsFile, n, message, fix, examples...)
}

func (r *reader) faultOf(code ordinaut.Code, n node, message, fix string, examples ...string) {
	r.faults.Add(&ordinaut.Error{Code: code, At: n.at, Message: message + r.line(n), Fix: fix, Examples: examples})
}

// note tells what is read otherwise than its author may expect.
func (r *reader) note(format string, args ...any) {
	r.notes = append(r.notes, fmt.Sprintf(format, args...))
}

// line says where a node stands, for people.
func (r *reader) line(n node) string {
	name := filepath.Base(r.name)
	switch {
	case r.name == "":
		return ""
	case n.offset == 0:
		return " (" + name + ")"
	}
	before := r.data[:min(n.offset, len(r.data))]
	return fmt.Sprintf(" (%s, line %d)", name, 1+bytes.Count(before, []byte("\n")))
}

// err is everything that is wrong with the file.
func (r *reader) err() error { return together(r.name, r.faults) }

// together makes one error of the faults of a file.
func together(name string, faults ordinaut.Errors) error {
	if len(faults) < 2 {
		return faults.Err()
	}
	return &ordinaut.Error{
		Code:    ordinaut.CodeToolsFile,
		Message: fmt.Sprintf("%s has %d faults", name, len(faults)),
		Fix:     "mend every fault in errors",
		Faults:  faults,
	}
}
