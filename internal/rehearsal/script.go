package rehearsal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/expr"
	"github.com/ordinaut/ordinaut/internal/jsonguard"
	"github.com/ordinaut/ordinaut/internal/pipeline"
	"github.com/ordinaut/ordinaut/internal/schema"
)

// script is a file of mocks, read.
type script struct {
	Now    *time.Time         `json:"now"`
	Params map[string]any     `json:"params"`
	Mocks  map[string]answers `json:"mocks"`
	Cases  []scripted         `json:"cases"`
}

// scripted is a case as it is written. What it does not say is as the script
// says it.
type scripted struct {
	Name   string             `json:"name"`
	Now    *time.Time         `json:"now"`
	Params map[string]any     `json:"params"`
	Mocks  map[string]answers `json:"mocks"`
	Expect expectation        `json:"expect"`
}

// answers is what a tool or a step is answered with: one answer for every call,
// or a list of them.
type answers []*answer

// answer is one of them.
type answer struct {
	Match  any             `json:"match"`
	Output json.RawMessage `json:"output"`
	Error  *mockedError    `json:"error"`
	Times  int             `json:"times"` // 0 is any number of times

	output *expr.Template // of Output
}

// mockedError is the failure that a tool is to answer with.
type mockedError struct {
	Class   ordinaut.Class `json:"class"`
	Code    ordinaut.Code  `json:"code"`
	Message string         `json:"message"`
}

// UnmarshalJSON reads one answer or a list. One of a list that says nothing about
// the arguments is given once: the list then answers call after call.
func (all *answers) UnmarshalJSON(raw []byte) error {
	if !bytes.HasPrefix(raw, []byte("[")) {
		var one answer
		*all = answers{&one}
		return unmarshal(raw, &one)
	}
	var list []*answer
	if err := unmarshal(raw, &list); err != nil {
		return err
	}
	for _, one := range list {
		if one.Times == 0 && one.Match == nil {
			one.Times = 1
		}
	}
	*all = list
	return nil
}

// read reads a script. The error tells everything in it that does not fit its
// schema, or else every template that cannot be read.
func read(raw json.RawMessage) (*script, error) {
	s := &script{}
	if len(bytes.TrimSpace(raw)) == 0 {
		return s, nil
	}
	if err := jsonguard.Check(raw, jsonguard.Limits{}); err != nil {
		return nil, err
	}
	compiled, err := schema.Compile(Schema())
	if err != nil {
		return nil, fmt.Errorf("compile the schema of scripts: %w", err)
	}
	var value any
	if err := unmarshal(raw, &value); err != nil {
		return nil, err
	}
	if err := compiled.Validate(value).Err(); err != nil {
		return nil, err
	}
	if err := unmarshal(raw, s); err != nil {
		return nil, err
	}
	var faults ordinaut.Errors
	faults.Add(parse(s.Mocks, "/mocks"))
	for i, c := range s.Cases {
		faults.Add(parse(c.Mocks, "/cases/"+strconv.Itoa(i)+"/mocks"))
	}
	return s, faults.Err()
}

// unmarshal reads JSON with numbers as they are written.
func unmarshal(raw []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	return d.Decode(v)
}

// parse reads the templates in the outputs of mocks.
func parse(mocks map[string]answers, at string) error {
	var faults ordinaut.Errors
	for _, name := range slices.Sorted(maps.Keys(mocks)) {
		for i, a := range mocks[name] {
			place := at + "/" + escape(name)
			if len(mocks[name]) > 1 {
				place += "/" + strconv.Itoa(i)
			}
			for _, f := range a.parse() {
				faults.Add(f.Under(place))
			}
		}
	}
	return faults.Err()
}

// parse reads the template of the output.
func (a *answer) parse() (faults ordinaut.Errors) {
	if (a.Output == nil) == (a.Error == nil) {
		faults.Add(&ordinaut.Error{
			Code: ordinaut.CodeFieldRequired, Message: "an answer has an output or an error, and not both",
			Fix: "say what the tool gives, or how it fails", Examples: []string{`{"output": {}}`, `{"error": {"class": "unavailable"}}`},
		})
		return faults
	}
	var output any
	if a.Output != nil {
		faults.Add(unmarshal(a.Output, &output))
	}
	var err error
	if a.output, err = expr.ParseTemplate(output); err != nil {
		faults.Add(ordinaut.AsError(err).Under("/output"))
		return faults
	}
	for _, ref := range a.output.Refs() {
		if !slices.Contains(answerRoots(), ref.Root) {
			faults.Add(unknownRoot(ref.Root, "/output"+ref.At))
		}
	}
	return faults
}

// answerRoots is what an answer may read from.
func answerRoots() []string { return []string{"args", "call", "now"} }

func unknownRoot(root, at string) *ordinaut.Error {
	return &ordinaut.Error{
		Code: ordinaut.CodeExprRoot, At: at, Sent: root,
		Message: fmt.Sprintf("a mock has nothing called %q to read from", root),
		Fix:     "read from " + strings.Join(answerRoots(), ", ") + ", or write $${ for a ${ that is text",
	}
}

// check finds mocks and expectations of what the pipeline does not have.
func (s *script) check(steps []pipeline.Outline) error {
	var ids, tools []string
	for _, o := range steps {
		ids, tools = append(ids, o.Path), append(tools, o.Tool)
	}
	var faults ordinaut.Errors
	known := func(names []string, at string) {
		for _, name := range names {
			place := at + "/" + escape(name)
			switch {
			case strings.Contains(name, ".") && !slices.Contains(tools, name):
				faults.Add(stranger(name, place, "no step uses the tool %q", tools))
			case !strings.Contains(name, ".") && !slices.Contains(ids, name):
				faults.Add(stranger(name, place, "there is no step %q", ids))
			}
		}
	}
	known(slices.Sorted(maps.Keys(s.Mocks)), "/mocks")
	for i, c := range s.Cases {
		at := "/cases/" + strconv.Itoa(i)
		known(slices.Sorted(maps.Keys(c.Mocks)), at+"/mocks")
		known(slices.Sorted(maps.Keys(c.Expect.Steps)), at+"/expect/steps")
	}
	return faults.Err()
}

// stranger is the fault of a name that the pipeline does not have.
func stranger(name, at, message string, known []string) *ordinaut.Error {
	known = slices.Compact(slices.Sorted(slices.Values(known)))
	e := &ordinaut.Error{
		Code: ordinaut.CodePipelineReference, At: at, Sent: name,
		Message: fmt.Sprintf(message, name), Fix: "use one of " + strings.Join(known, ", "), Examples: known[:min(len(known), 5)],
	}
	if near := ordinaut.Nearest(name, known); near != "" {
		e.Fix, e.Examples = fmt.Sprintf("did you mean %s?", near), []string{near}
	}
	return e
}

// escape writes a name as a part of a JSON Pointer (RFC 6901).
func escape(name string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}
