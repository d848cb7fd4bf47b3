package toolfile

import (
	"bytes"
	"regexp"
	"strings"

	"github.com/tailscale/hujson"
)

// look is how a file is laid out, so that what is added looks like the rest.
type look struct {
	unit    string // of indentation
	newline string
}

func lookOf(v *hujson.Value) look {
	l := look{unit: "  ", newline: "\n"}
	if o, ok := v.Value.(*hujson.Object); ok && len(o.Members) > 0 {
		before := string(o.Members[0].Name.BeforeExtra)
		if i := strings.LastIndexByte(before, '\n'); i >= 0 && len(before) > i+1 && strings.TrimLeft(before[i+1:], " \t") == "" {
			l.unit = before[i+1:]
		}
		if strings.Contains(before, "\r\n") {
			l.newline = "\r\n"
		}
	}
	return l
}

// list is an object of the file whose members are entries.
type list struct {
	object *hujson.Object
	depth  int // of its own key, counted from 0 at the root
}

// member is one of them.
type member struct {
	list
	index int
	at    string // JSON Pointer
}

func (m *member) name() string { return nameOf(m.object.Members[m.index]) }

func nameOf(m hujson.ObjectMember) string { return m.Name.Value.(hujson.Literal).String() }

// append adds a member behind the others. A comment that stands behind the last
// one stays there.
func (l list) append(name string, written any, look look) error {
	v, err := l.value(written, look)
	if err != nil {
		return err
	}
	o := l.object
	if n := len(o.Members); n > 0 && o.Members[n-1].Value.AfterExtra != nil {
		v.AfterExtra = hujson.Extra{} // the file has commas behind the last ones, too
	}
	before := string(bytes.TrimRight(o.AfterExtra, " \t\r\n")) + look.newline + strings.Repeat(look.unit, l.depth+1)
	o.Members = append(o.Members, hujson.ObjectMember{
		Name:  hujson.Value{BeforeExtra: hujson.Extra(before), Value: hujson.String(name)},
		Value: v,
	})
	o.AfterExtra = hujson.Extra(look.newline + strings.Repeat(look.unit, l.depth))
	return nil
}

// overwrite gives a member another value.
func (m *member) overwrite(written any, look look) error {
	v, err := m.value(written, look)
	if err == nil {
		m.object.Members[m.index].Value.Value = v.Value
	}
	return err
}

// value is what is to be written, laid out as a member of the list.
func (l list) value(written any, look look) (hujson.Value, error) {
	text, err := indented(written, strings.Repeat(look.unit, l.depth+1), look.unit)
	if err != nil {
		return hujson.Value{}, err
	}
	v, err := hujson.Parse(bytes.ReplaceAll(text, []byte("\n"), []byte(look.newline)))
	v.BeforeExtra = hujson.Extra(" ")
	return v, err
}

var emptyLine = regexp.MustCompile(`\n[ \t\r]*\n`)

// remove takes a member out, with the comments that are about it: those beside
// it, and those above it up to an empty line.
func (m *member) remove() {
	o, gone := m.object, m.object.Members[m.index]
	last := m.index == len(o.Members)-1
	behind := &o.AfterExtra
	if !last {
		behind = &o.Members[m.index+1].Name.BeforeExtra
	}
	kept, above := cutLine(gone.Name.BeforeExtra) // beside what comes before it
	if empty := emptyLine.FindAllIndex(above, -1); len(empty) > 0 {
		kept = append(bytes.Clone(kept), above[:empty[len(empty)-1][1]-1]...)
	}
	_, rest := cutLine(*behind)
	if len(kept) > 0 && !bytes.HasPrefix(rest, []byte("\n")) {
		kept = append(bytes.Clone(kept), '\n') // which ends a comment that reaches to the end of its line
	}
	*behind = append(bytes.Clone(kept), rest...)
	o.Members = append(o.Members[:m.index:m.index], o.Members[m.index+1:]...)
	switch {
	case len(o.Members) == 0 && len(bytes.TrimSpace(o.AfterExtra)) == 0:
		o.AfterExtra = nil
	case last && m.index > 0:
		before := &o.Members[m.index-1].Value
		if gone.Value.AfterExtra == nil { // the file has no comma behind the last one
			o.AfterExtra = append(bytes.Clone(before.AfterExtra), o.AfterExtra...)
			before.AfterExtra = nil
		} else if before.AfterExtra == nil {
			before.AfterExtra = hujson.Extra{}
		}
	}
}

// cutLine cuts space and comments where the line ends on which they begin. Those
// without a line break belong to what follows.
func cutLine(extra hujson.Extra) (beside, rest hujson.Extra) {
	for i := 0; i < len(extra); i++ {
		switch {
		case extra[i] == '\n':
			return extra[:i], extra[i:]
		case extra[i] == '/':
			i = endOfComment(extra, i) - 1
		}
	}
	return nil, extra
}
