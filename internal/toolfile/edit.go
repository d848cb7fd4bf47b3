package toolfile

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/tailscale/hujson"

	"github.com/ordinaut/ordinaut"
)

// Add writes a server or an HTTP tool into a catalog file, in JSON, behind those
// that are there. Everything else in the file stays byte for byte as it is. The
// file may be empty. A name that is taken, or cannot be used, is an error.
func Add(data []byte, e Entry) ([]byte, error) { return write(data, e, false) }

// Replace is Add for a name that may be taken: what has it is written over.
func Replace(data []byte, e Entry) ([]byte, error) { return write(data, e, true) }

func write(data []byte, e Entry, over bool) ([]byte, error) {
	v, err := editable(data)
	if err != nil {
		return nil, err
	}
	root, name, written := e.entry()
	alone, err := indented(map[string]any{root: map[string]any{name: written}}, "", "")
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", name, err)
	}
	if _, err := Parse("", alone); err != nil {
		return nil, err // told without a line, as it stands in no file yet
	}
	look := lookOf(v)
	if m := find(v, name); m != nil && !over {
		return nil, taken(name, m)
	} else if m != nil {
		return reread(v, m.overwrite(written, look))
	}
	into, err := container(v, root, look)
	if err != nil {
		return nil, err
	}
	return reread(v, into.append(name, written, look))
}

// Has says whether a file in JSON has a server or an HTTP tool of a name,
// whatever the case of its letters.
func Has(data []byte, name string) bool {
	v, err := editable(data)
	return err == nil && find(v, name) != nil
}

// Remove takes a server, or an HTTP tool by its address, out of a catalog file
// in JSON, with the comments above it and beside it.
func Remove(data []byte, name string) ([]byte, error) {
	v, err := editable(data)
	if err != nil {
		return nil, err
	}
	m := find(v, name)
	if m == nil || m.name() != name {
		return nil, missing(v, name)
	}
	m.remove()
	return pack(v), nil
}

// editable reads a file for a change.
func editable(data []byte) (*hujson.Value, error) {
	v, err := parseJSON("the catalog file", withoutMark(bytes.Clone(data)))
	if err != nil {
		return nil, err
	}
	return &v, nil
}

// reread is the file after a change that went well, once it is sure that it can
// be read.
func reread(v *hujson.Value, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	out := pack(v)
	_, err = Parse("the catalog file", out)
	return out, err
}

func pack(v *hujson.Value) []byte {
	out := v.Pack()
	if !bytes.HasSuffix(out, []byte("\n")) {
		out = append(out, '\n')
	}
	return out
}

// holders are the objects that hold servers, and the one that holds HTTP tools,
// as pointers into the file.
func holders(v *hujson.Value) (found []string) {
	root := fromJSON(*v, "")
	for _, s := range sectionsOf(root) {
		found = append(found, s.at)
	}
	if tools, ok := root.object().get("tools"); ok {
		found = append(found, tools.at)
	}
	return found
}

// find is the server or HTTP tool of a name, whatever the case of its letters.
func find(v *hujson.Value, name string) *member {
	for _, at := range holders(v) {
		o, ok := v.Find(at).Value.(*hujson.Object)
		if !ok {
			continue
		}
		for i, m := range o.Members {
			if own := nameOf(m); strings.EqualFold(own, name) {
				return &member{list{o, strings.Count(at, "/")}, i, below(at, own)}
			}
		}
	}
	return nil
}

func taken(name string, at *member) error {
	return &ordinaut.Error{
		Code: ordinaut.CodeToolsName, At: at.at, Sent: name,
		Message: fmt.Sprintf("the file has %s already", at.name()),
		Fix:     "choose another name, or replace it",
	}
}

func missing(v *hujson.Value, name string) error {
	var names []string
	for _, at := range holders(v) {
		if o, ok := v.Find(at).Value.(*hujson.Object); ok {
			for _, m := range o.Members {
				names = append(names, nameOf(m))
			}
		}
	}
	e := &ordinaut.Error{
		Code: ordinaut.CodeServerNotFound, Sent: name,
		Message: fmt.Sprintf("the catalog file has no %s", name), Fix: "it has none at all",
	}
	if len(names) > 0 {
		e.Fix = "name one that it has: " + strings.Join(names, ", ")
	}
	if near := ordinaut.Nearest(name, names); near != "" {
		e.Fix, e.Examples = "did you mean "+near+"?", []string{near}
	}
	return e
}

// container is the object in which a new entry is written. Servers go where
// there are some, and otherwise under the root that most clients read.
func container(v *hujson.Value, root string, look look) (list, error) {
	at := below("", root)
	if sections := sectionsOf(fromJSON(*v, "")); root != "tools" && len(sections) > 0 {
		at = sections[0].at
	}
	if v.Find(at) == nil {
		top := list{object: v.Value.(*hujson.Object)}
		if err := top.append(root, struct{}{}, look); err != nil {
			return list{}, err
		}
	}
	o, ok := v.Find(at).Value.(*hujson.Object)
	if !ok {
		return list{}, &ordinaut.Error{Code: ordinaut.CodeToolsFile, At: at, Message: "what is to hold the entries is not an object", Fix: "make it one: {}"}
	}
	return list{o, strings.Count(at, "/")}, nil
}
