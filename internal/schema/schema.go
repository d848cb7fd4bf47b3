// Package schema compiles JSON Schema and tells people and language models what
// in a value does not fit, all of it at once, each fault with its place and its
// mend.
//
// It promises that a hostile schema can neither stop the process nor make it
// work for long: a schema is surveyed before the library behind this package
// sees it, and the work that it would do on a value is measured before it is
// done. It reads nothing from disk or network. Values, and the schemas
// themselves, are to have passed the JSON guard and to be decoded with
// json.Number; what the fault of a value means is left to the caller.
package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Schema is a compiled schema. It never changes, and many goroutines may
// validate with it at once.
type Schema struct {
	compiled *jsonschema.Schema
	root     *node
	nodes    map[string]*node // by JSON Pointer into the document
}

// Compile compiles a schema that anybody may have written: JSON Schema 2020-12
// when it does not name its draft, or 2019-09 or draft-07. References lead only
// into the schema itself. Patterns that our engine cannot match are not checked.
// The error is an *ordinaut.Error with a place in the schema.
func Compile(raw json.RawMessage) (*Schema, error) {
	if len(raw) > limits.SchemaBytes {
		return nil, refuse("", fmt.Sprintf("the schema has %d bytes, and may have %d", len(raw), limits.SchemaBytes), "leave out what callers do not need")
	}
	doc, err := decode(raw)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(sane(doc, 1), speak(doc)); err != nil {
		return nil, ordinaut.AsError(err)
	}
	relax(doc)
	return newDocument(doc, limits.SchemaSubschemas).Schema("")
}

// Document is a trusted JSON document with schemas in it, such as an OpenAPI
// document. It is for one goroutine.
type Document struct {
	surveyor surveyor
	compiler *jsonschema.Compiler
}

// Open reads a document.
func Open(raw json.RawMessage) (*Document, error) {
	doc, err := decode(raw)
	if err != nil {
		return nil, err
	}
	return newDocument(doc, math.MaxInt), nil
}

// newDocument is a document of which at most so many subschemas are used.
func newDocument(doc any, most int) *Document {
	return &Document{
		surveyor: surveyor{doc: doc, nodes: map[string]*node{}, most: most},
		compiler: newCompiler(doc),
	}
}

// Schema compiles the schema at a JSON Pointer, such as
// "/components/schemas/Task". References lead anywhere in the document.
func (d *Document) Schema(pointer string) (*Schema, error) {
	root, err := d.surveyor.survey(pointer)
	if err != nil {
		return nil, err
	}
	compiled, err := d.compiler.Compile(location + "#" + fragment(pointer))
	if err != nil {
		return nil, invalid(d.surveyor.doc, err)
	}
	return &Schema{compiled: compiled, root: root, nodes: maps.Clone(d.surveyor.nodes)}, nil
}

// Validate says what in a decoded value does not fit, ordered by place; nothing
// when all of it does. It reports no more than the first 50 faults.
func (s *Schema) Validate(value any) ordinaut.Errors {
	if !affordable(s.root, value) {
		return ordinaut.Errors{{
			Code:    ordinaut.CodeFieldValue,
			Message: "the value is too large to be checked against its schema",
			Fix:     "send less at a time",
		}}
	}
	err := s.compiled.Validate(value)
	if err == nil {
		return nil
	}
	c := collector{nodes: s.nodes, value: value, partial: holdsUnknown(value)}
	return c.faultsOf(err)
}

// location names the document inside the library. A URN has no place on disk or
// network that a reference could be resolved against.
const location = "urn:ordinaut:document"

// newCompiler prepares the library: it may load nothing, formats count, and
// patterns are bounded.
func newCompiler(doc any) *jsonschema.Compiler {
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.UseLoader(noLoader{})
	c.UseRegexpEngine(engine)
	c.AssertFormat()
	// The location is new to this compiler and well-formed, the only two things
	// that AddResource can object to.
	_ = c.AddResource(location, doc)
	return c
}

// noLoader refuses to load whatever a schema refers to outside itself.
type noLoader struct{}

func (noLoader) Load(url string) (any, error) { return nil, errors.New("not loaded: " + url) }

// decode reads JSON, with numbers as they are written.
func decode(raw json.RawMessage) (any, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, refuse("", "the schema is not valid JSON", "send a JSON Schema (2020-12)")
	}
	return v, nil
}

// invalid tells why the library refuses a schema: because it does not fit the
// schema of schemas, or for a reason that the survey should have found.
func invalid(doc any, err error) error {
	bad, ok := errors.AsType[*jsonschema.SchemaValidationError](err)
	if !ok {
		e := refuse("", "the schema cannot be compiled", "check it with a JSON Schema validator")
		e.Err = err
		return e
	}
	c := collector{value: doc}
	faults := c.faultsOf(bad.Err)
	for _, f := range faults {
		f.Code = ordinaut.CodeToolSchema
	}
	return faults.Err()
}

// refuse is the error about a schema that is not used.
func refuse(at, message, fix string) *ordinaut.Error {
	return &ordinaut.Error{Code: ordinaut.CodeToolSchema, At: at, Message: message, Fix: fix}
}
