package httpcall

import (
	"encoding/json"
	"github.com/ordinaut/ordinaut/internal/jsonguard"
	"maps"
	"slices"
	"strings"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/expr"
)

// compiler reads the parts of a tool, and gathers everything that is wrong with
// them.
type compiler struct {
	faults ordinaut.Errors
}

// note adds what is wrong with a part. The text of the part is not told: the
// operator's secrets may stand in it.
func (c *compiler) note(at string, err error) {
	if err == nil {
		return
	}
	for _, fault := range ordinaut.AsError(err).Under(at).All() {
		fault.Sent = nil
		c.faults.Add(fault)
	}
}

// template looks at a value with templates in it, which may read the roots.
func (c *compiler) template(at string, value any, roots []string) {
	t, err := expr.ParseTemplate(value)
	c.note(at, err)
	if err == nil {
		c.known(at, t.Refs(), roots)
	}
}

// json reads JSON.
func (c *compiler) json(at string, raw json.RawMessage) any {
	value, err := decode[any](raw)
	if err != nil {
		c.note(at, &ordinaut.Error{Code: ordinaut.CodeRequestMalformed, Message: "this is not valid JSON", Fix: "write it as JSON", Err: err})
	}
	return value
}

// expression reads an expression on an answer; nothing is nil.
func (c *compiler) expression(at, text string) *expr.Expr {
	if text == "" {
		return nil
	}
	e, err := expr.Parse(text)
	c.note(at, err)
	if err == nil {
		c.known(at, e.Refs(), []string{"body", "encoding", "headers", "status", "url"})
	}
	return e
}

// known notes what is read and does not exist.
func (c *compiler) known(at string, refs []expr.Ref, roots []string) {
	for _, ref := range refs {
		if slices.Contains(roots, ref.Root) {
			continue
		}
		fault := &ordinaut.Error{
			Code:    ordinaut.CodeExprRoot,
			Message: "there is no " + ref.Root + " to read here; there are: " + strings.Join(roots, ", "),
			Fix:     "begin with one of them",
		}
		if near := ordinaut.Nearest(ref.Root, roots); near != "" {
			fault.Fix = "did you mean " + near + "?"
		}
		c.note(at+ref.At, fault)
	}
}

// rootsOf lists what the templates of a tool may read: the properties that its
// input schema names, and what is always there. Whether the schema can be used
// is for the catalog to say.
func rootsOf(inputSchema json.RawMessage) []string {
	var s struct {
		Properties map[string]json.RawMessage `json:"properties"`
	}
	_ = json.Unmarshal(inputSchema, &s)
	roots := slices.AppendSeq([]string{"args", "now"}, maps.Keys(s.Properties))
	slices.Sort(roots)
	return slices.Compact(roots)
}

// decode reads JSON, with numbers as they are written.
func decode[T any](raw json.RawMessage) (v T, err error) {
	return v, jsonguard.Decode(raw, &v)
}
