// Package jsonguard stands in front of every JSON decoder. It reads a document
// once, decodes nothing, and promises of what it lets through that every
// decoder reads it the same way and at a bounded cost: it is one valid JSON
// value (RFC 8259) in UTF-8, no deeper, wider or longer than the limits, no
// number is beyond a float64, and no object has a key twice. What the document
// means is left to others; so is its size, which its reader bounds.
package jsonguard

import (
	"cmp"

	"github.com/ordinaut/ordinaut/internal/limits"
)

// Limits bounds a document. A field that is zero has its default, from the
// limits package.
type Limits struct {
	Depth       int // arrays and objects inside each other
	Nodes       int // values of every sort, the containers included
	StringBytes int // between the quotes, as written
	NumberChars int
}

// orDefault fills the fields that are zero.
func (l Limits) orDefault() Limits {
	return Limits{
		Depth:       cmp.Or(l.Depth, limits.JSONDepth),
		Nodes:       cmp.Or(l.Nodes, limits.JSONNodes),
		StringBytes: cmp.Or(l.StringBytes, limits.JSONStringBytes),
		NumberChars: cmp.Or(l.NumberChars, limits.JSONNumberChars),
	}
}

// Check says what keeps data from being decoded safely, as an *ordinaut.Error
// with line, column and JSON Pointer; nil when nothing does. It stops at the
// first fault, because nothing after it can be trusted. A document of ordinary
// shape costs no allocation; escaped keys, and objects with more than 32 keys,
// cost some.
func Check(data []byte, l Limits) error {
	g := guard{data: data, limits: l.orDefault()}
	if f := g.document(); f != nil {
		return f.err(data)
	}
	return nil
}
