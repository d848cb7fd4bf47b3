package tool

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"github.com/ordinaut/ordinaut/internal/jsonguard"
	"regexp"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/schema"
)

// entry is one tool with what is needed to call it.
type entry struct {
	ordinaut.Tool
	input       *schema.Schema // nil accepts anything
	output      *schema.Schema // nil accepts anything
	fingerprint string
	caller      Caller
}

var address = regexp.MustCompile(`^[A-Za-z0-9_-]+\.[A-Za-z0-9_.-]+$`)

func newEntry(t ordinaut.Tool, caller Caller) (entry, error) {
	if !address.MatchString(t.Address) {
		return entry{}, errors.New("the address is not of the form server.tool")
	}
	e := entry{Tool: t, caller: caller, fingerprint: Fingerprint(t)}
	var faults [2]error
	e.input, faults[0] = compile("the input schema", t.InputSchema)
	e.output, faults[1] = compile("the output schema", t.OutputSchema)
	return e, errors.Join(faults[:]...)
}

// compile compiles a schema, if there is one; null is none.
func compile(what string, raw []byte) (*schema.Schema, error) {
	if len(raw) == 0 || string(raw) == "null" {
		return nil, nil
	}
	s, err := schema.Compile(raw)
	if err != nil {
		fault := *ordinaut.AsError(err)
		fault.Message = what + ": " + fault.Message
		return nil, &fault
	}
	return s, nil
}

// Fingerprint stands for a tool's whole definition: it changes when a word of it
// does, and not when only the order of keys or white space does.
func Fingerprint(t ordinaut.Tool) string {
	text, err := json.Marshal(map[string]any{
		"address": t.Address, "title": t.Title, "description": t.Description,
		"input": canonical(t.InputSchema), "output": canonical(t.OutputSchema),
		"read_only": t.ReadOnly, "idempotent": t.Idempotent,
	})
	if err != nil {
		return "" // what was read as JSON can be written as JSON
	}
	sum := sha256.Sum256(text)
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

// canonical is JSON as a value, whose keys the encoder sorts. What is no JSON
// stays as it is, and nothing is null.
func canonical(raw json.RawMessage) any {
	if len(raw) == 0 {
		return nil
	}
	var v any
	if jsonguard.Decode(raw, &v) != nil {
		return string(raw)
	}
	return v
}

// misfits makes the faults of arguments faults about the tool.
func (e entry) misfits(faults ordinaut.Errors) ordinaut.Errors {
	for _, f := range faults {
		f.Code = ordinaut.CodeToolInput
		f.Message = e.Address + ": " + f.Message
		if len(f.Examples) == 0 && len(e.Examples) > 0 {
			f.Examples = []string{string(e.Examples[0].Input)}
		}
	}
	return faults
}
