package pipeline

import (
	"encoding/json"
	"fmt"
	"regexp"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/expr"
	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/internal/schema"
)

// step is one compiled step.
type step struct {
	id        string   // "" is the only step of a foreach without steps
	names     []string // what its result is known by
	tool      ordinaut.Tool
	with      *expr.Template
	condition *expr.Expr // nil is always
	timeout   time.Duration
	retry     *retry // nil is the budget of the run
	onError   onError
	each      *each // nil is no foreach
	onDoubt   onDoubt
	undo      *undo                          // nil is nothing to undo
	key       *expr.Template                 // of its idempotency key; nil is one that is made
	fits      func(args any) ordinaut.Errors // says what is wrong with the arguments of a step that waits

	before    set   // the steps that it waits for after all
	followers []int // the steps that wait for it at once
	whole     bool  // it reads all results at once
	heeded    bool  // another step reads its result by name
}

// draft is a step whose own fields were looked at, but not what it refers to.
type draft struct {
	step
	at     string // its place in the payload
	in     *scope
	number int // in its list, from 0
	needs  []int
	fields map[string]any
	body   *scope // the steps of a foreach; nil is the step itself
	source source // of a foreach
	item   bool   // it is done for an item of its own foreach
	read   bool   // something reads its result by name
}

// draft looks at the fields of a step. Without fields there is no such step, and
// that was told.
func (k *checker) draft(s *scope, fields map[string]any, at string, number int) draft {
	d := draft{at: at, in: s, number: number, fields: fields}
	d.id = fmt.Sprintf("step_%d", number)
	if fields == nil {
		return d
	}
	k.fields(fields, at, stepField)
	if id := k.name(d, "id"); id != "" {
		d.id = id
	}
	d.names = []string{d.id}
	k.claim(d, d.id, "id")
	if saved := k.name(d, "save_as"); saved != "" && saved != d.id {
		d.names = append(d.names, saved)
		k.claim(d, saved, "save_as")
	}
	k.text(d, "description")
	k.foreach(&d)
	if d.body == nil {
		d.tool = k.tool(d)
		d.timeout = k.timeout(d)
		d.retry = k.retry(d)
		d.onDoubt = k.onDoubt(d)
		k.waits(d)
	}
	return d
}

// waits looks at the fields of a step that waits by itself.
func (k *checker) waits(d draft) {
	if !controls(d.tool.Address) {
		return
	}
	k.apart(d, "belongs to a step that calls a tool", "leave it out", "on_doubt", "undo", "idempotency_key")
	for _, name := range []string{"retry", "timeout", "timeout_seconds"} {
		if value := d.fields[name]; value != nil {
			k.noEffect(d.at+"/"+name, nil, d.tool.Address+" calls nothing, so it has no "+name, "leave it out; how long it waits stands in with")
		}
	}
}

// text is a field that holds text.
func (k *checker) text(d draft, field string) string {
	value := d.fields[field]
	text, ok := value.(string)
	if !ok && value != nil {
		k.fault(ordinaut.CodeFieldType, d.at+"/"+field, value, field+" must be a text", "put it in quotes")
	}
	return text
}

var nameShape = regexp.MustCompile(`^[A-Za-z0-9_-]{1,50}$`)

// name is a field that names the step or its result.
func (k *checker) name(d draft, field string) string {
	name := k.text(d, field)
	if _, sent := d.fields[field].(string); sent && !nameShape.MatchString(name) {
		k.fault(ordinaut.CodePipelineStep, d.at+"/"+field, name,
			field+" must be 1 to 50 letters, digits, hyphens and underscores", "choose another name")
		return ""
	}
	return name
}

// claim makes a name the step's. All names of a list are one namespace, since a
// result can be read by either.
func (k *checker) claim(d draft, name, field string) {
	if owner, taken := d.in.names[name]; taken {
		k.fault(ordinaut.CodePipelineDuplicate, d.at+"/"+field, name,
			fmt.Sprintf("the name %q belongs to %s/%d already", name, d.in.at, owner), "give this step another "+field)
		return
	}
	d.in.names[name] = d.number
	if d.in.outer != nil {
		k.inner[name] = d.in.of
	}
}

func (k *checker) tool(d draft) ordinaut.Tool {
	address := k.text(d, "uses")
	if d.fields["uses"] == nil || d.fields["uses"] == "" {
		k.fault(ordinaut.CodeFieldRequired, d.at+"/uses", nil, "a step must say which tool it uses", "add uses").Examples = []string{"debug.echo"}
		return ordinaut.Tool{}
	}
	tool, err := k.catalog.Find(address)
	if err == nil || address == "" {
		return tool
	}
	fault := ordinaut.AsError(err).Under(d.at + "/uses")
	if fault.Kind() != ordinaut.KindUnavailable {
		k.faults.Add(fault)
		return ordinaut.Tool{}
	}
	k.plan.warnings.Add(fault)
	return ordinaut.Tool{Address: address}
}

// timeout is how long one attempt may take. The field has a second name.
func (k *checker) timeout(d draft) time.Duration {
	field := "timeout_seconds"
	if d.fields["timeout"] != nil {
		if d.fields[field] != nil {
			k.fault(ordinaut.CodeFieldValue, d.at+"/timeout", d.fields["timeout"], "timeout is another name of timeout_seconds", "send one of them")
			return 0
		}
		field = "timeout"
	}
	value := d.fields[field]
	if value == nil {
		return limits.StepTimeout
	}
	const fix = "give the seconds that one attempt may take"
	number, ok := value.(json.Number)
	if !ok {
		k.fault(ordinaut.CodeFieldType, d.at+"/"+field, value, field+" must be a number", fix)
		return 0
	}
	seconds, err := number.Float64()
	if longest := limits.StepTimeoutMax.Seconds(); err != nil || seconds <= 0 || seconds > longest {
		k.fault(ordinaut.CodeFieldValue, d.at+"/"+field, value, fmt.Sprintf("%s must be more than 0 and at most %g", field, longest), fix)
	}
	return max(time.Duration(seconds*float64(time.Second)), time.Millisecond)
}

// step reads what the step refers to: its arguments, its condition, its list and
// what stands for its result.
func (k *checker) step(d draft) step {
	if d.fields == nil {
		return d.step
	}
	if d.source.at == "" {
		k.calling(&d)
	}
	if text := k.text(d, "if"); text != "" {
		d.condition = k.expression(&d, text, d.reader("/if"))
	}
	if d.source.at != "" {
		return k.loop(d)
	}
	k.onError(&d, d.reader("/on_error"))
	return d.step
}

// calling reads what a step is called with, and what takes that back.
func (k *checker) calling(d *draft) {
	address := d.tool.Address
	d.with = k.arguments(d, d.fields["with"], address, d.reader("/with"))
	if controls(address) {
		d.retry, d.fits = nil, func(args any) ordinaut.Errors { return k.catalog.CheckInput(address, args) }
		k.checkLookout(d)
		return
	}
	k.keyField(d, d.reader("/idempotency_key"))
	d.step.undo = k.undo(d, d.reader("/undo"))
}

// arguments reads the arguments of a tool.
func (k *checker) arguments(d *draft, with any, address string, r reader) *expr.Template {
	if with == nil {
		with = map[string]any{}
	}
	t, err := expr.ParseTemplate(with)
	if err != nil {
		k.faults.Add(ordinaut.AsError(err).Under(r.at))
		return nil
	}
	d.whole = k.refs(r, t.Refs()) || d.whole
	for _, f := range k.catalog.CheckInput(address, known(with)) {
		k.faults.Add(f.Under(r.at))
	}
	return t
}

// expression reads one expression of the step.
func (k *checker) expression(d *draft, text string, r reader) *expr.Expr {
	e, err := expr.Parse(text)
	if err != nil {
		k.faults.Add(ordinaut.AsError(err).Under(r.at))
		return nil
	}
	d.whole = k.refs(r, e.Refs()) || d.whole
	return e
}

// known is the arguments as far as they can be told before the step runs.
func known(value any) any {
	switch v := value.(type) {
	case string:
		t, err := expr.ParseTemplate(v)
		if err != nil || len(t.Refs()) > 0 {
			return schema.Unknown{}
		}
		text, err := t.Render(&expr.Env{})
		if err != nil {
			return schema.Unknown{}
		}
		return text
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = known(v[i])
		}
		return list
	case map[string]any:
		object := make(map[string]any, len(v))
		for name := range v {
			object[name] = known(v[name])
		}
		return object
	}
	return value
}
