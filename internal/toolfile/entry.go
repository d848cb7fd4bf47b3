package toolfile

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/ordinaut/ordinaut"
)

// entry is an object whose fields are read one by one, so that in the end those
// are known that nothing has read.
type entry struct {
	*reader
	node
	what string // such as "server github", for messages
	read []string
}

// find gives the first field that has one of the names, which all mean the same.
func (e *entry) find(names ...string) (field, bool) {
	var found []field
	for _, name := range names {
		if f, ok := e.object().get(name); ok && f.value != nil {
			found = append(found, f)
		}
	}
	e.read = append(e.read, names...)
	if len(found) == 0 {
		return field{}, false
	}
	if len(found) > 1 {
		e.fault(found[1].node, fmt.Sprintf("%s has both %s and %s, which mean the same", e.what, found[0].name, found[1].name), "keep one of the two")
	}
	return found[0], true
}

// wrong notes that a field is not what it is to be.
func (e *entry) wrong(f field, want, example string) {
	e.fault(f.node, fmt.Sprintf("%s: %s is %s, and is to be %s", e.what, f.name, f.sort(), want), "write it as "+want, example)
}

// text reads a field that is text.
func (e *entry) text(names ...string) string {
	f, ok := e.find(names...)
	if !ok {
		return ""
	}
	text, ok := f.value.(string)
	switch {
	case !ok:
		e.wrong(f, "text", fmt.Sprintf("%q: \"…\"", f.name))
	case strings.ContainsRune(text, 0):
		e.fault(f.node, e.what+": "+f.name+" contains a NUL character", "leave it out")
	}
	return text
}

// truth reads a field that is true or false.
func (e *entry) truth(names ...string) (value, given bool) {
	f, ok := e.find(names...)
	if !ok {
		return false, false
	}
	value, ok = f.value.(bool)
	if !ok {
		e.wrong(f, "true or false", fmt.Sprintf("%q: true", f.name))
	}
	return value, ok
}

// list reads a field that is a list of texts.
func (e *entry) list(names ...string) []string {
	f, ok := e.find(names...)
	if !ok {
		return nil
	}
	items, ok := f.value.([]node)
	if !ok {
		e.wrong(f, "a list", fmt.Sprintf("%q: [\"…\"]", f.name))
	}
	return e.texts(f.name, items)
}

// texts are the items of a list. A number or a boolean is as good as its text:
// people write ports without quotes.
func (e *entry) texts(name string, items []node) []string {
	var list []string
	for _, item := range items {
		text, ok := asText(item.value)
		if !ok {
			e.fault(item, fmt.Sprintf("%s: an item of %s is %s, and is to be text", e.what, name, item.sort()), "put it in quotes")
		}
		list = append(list, text)
	}
	return list
}

// table reads a field that is an object of texts.
func (e *entry) table(names ...string) map[string]string {
	f, ok := e.find(names...)
	if !ok {
		return nil
	}
	if _, ok := f.value.(object); !ok {
		e.wrong(f, "an object", fmt.Sprintf("%q: {\"…\": \"…\"}", f.name))
	}
	table := map[string]string{}
	for _, inner := range f.object() {
		if inner.value == nil {
			continue // to some clients null takes a variable away, and none is there
		}
		text, ok := asText(inner.value)
		if !ok {
			e.fault(inner.node, fmt.Sprintf("%s: %s of %s is %s, and is to be text", e.what, inner.name, f.name, inner.sort()), "put it in quotes")
		}
		table[inner.name] = text
	}
	return table
}

// asText is a value as text, which is not there for null, lists and objects.
func asText(value any) (string, bool) {
	switch v := value.(type) {
	case string:
		return v, !strings.ContainsRune(v, 0)
	case json.Number:
		return v.String(), true
	case bool:
		return fmt.Sprint(v), true
	}
	return "", false
}

// misspells says whether a field that nothing has read is a slip away from one
// of the names.
func (e *entry) misspells(names ...string) bool {
	return slices.ContainsFunc(e.object(), func(f field) bool {
		return !slices.Contains(e.read, f.name) && ordinaut.Nearest(f.name, names) != ""
	})
}

// unread tells of the fields that nothing has read and that are a slip away from
// one that something reads. Those in known are fields of clients that need no
// reading. When strict, every field that is not read is a fault.
func (e *entry) unread(strict bool, known ...string) {
	candidates := slices.Concat(e.read, known)
	for _, f := range e.object() {
		if slices.Contains(candidates, f.name) {
			continue
		}
		near := ordinaut.Nearest(f.name, candidates)
		switch {
		case slices.Contains(e.read, near):
			e.fault(f.node, fmt.Sprintf("%s has no field %s", e.what, f.name), "did you mean "+near+"?", near)
		case strict:
			e.fault(f.node, fmt.Sprintf("%s has no field %s", e.what, f.name), "use one of "+strings.Join(e.read, ", "))
		}
	}
}
