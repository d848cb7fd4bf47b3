package pipeline

import (
	"path"
	"strings"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/expr"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// foreachTool is the address under which the pipelines of the original project
// name a foreach. Every foreach is recorded under it.
const foreachTool = "pipeline.foreach"

// each is what a compiled foreach does.
type each struct {
	list     *expr.Expr
	body     *block
	parallel int    // how many items at once
	at       string // where the list is named, below the step
}

// source is where a foreach has its list from.
type source struct {
	text string
	at   string // its place, below the step's; "" is no foreach
}

// foreach looks at the fields of a step that is done for each item of a list.
// Written as the original's tool, the same fields stand below with.
func (k *checker) foreach(d *draft) {
	fields, below, list, steps := d.fields, "", "foreach", "steps"
	if d.fields["uses"] == foreachTool {
		with, ok := d.fields["with"].(map[string]any)
		if !ok {
			k.fault(ordinaut.CodeFieldRequired, d.at+"/with", nil, "a foreach needs to know its list and its steps", "send items_path and body").
				Examples = []string{`{"items_path": "steps.fetch.items", "body": [{"uses": "debug.echo", "with": {"message": "${item.name}"}}]}`}
			d.body = &scope{}
			return
		}
		k.only(with, d.at+"/with", []string{"body", "items_path", "max_parallel"})
		k.apart(*d, "belongs below with here", "move it there", "foreach", "steps", "max_parallel")
		fields, below, list, steps = with, "/with", "items_path", "body"
	}
	d.step.each = k.bodyOf(d, fields, below, list, steps)
}

// bodyOf reads the list, the steps and the parallelism of a foreach.
func (k *checker) bodyOf(d *draft, fields map[string]any, below, list, steps string) *each {
	original := below != ""
	if !original && fields[list] == nil {
		k.apart(*d, "belongs to a foreach", "add foreach, or leave it out", "steps", "max_parallel")
		return nil
	}
	d.source = source{at: below + "/" + list}
	e := &each{parallel: 1, at: d.source.at}
	text, ok := fields[list].(string)
	switch {
	case fields[list] == nil, fields[list] == "":
		k.fault(ordinaut.CodeFieldRequired, d.at+d.source.at, nil, list+" is missing", "say where the list is").Examples = []string{"steps.fetch.items"}
	case !ok:
		k.fault(ordinaut.CodeFieldType, d.at+d.source.at, fields[list], list+" must be a text", "write an expression that gives a list").
			Examples = []string{"steps.fetch.items", "params.cities"}
	}
	d.source.text = text
	k.number(fields, d.at+below, "max_parallel", func(n float64) { e.parallel = int(n) }, count{1, limits.ForeachParallel, true})
	if original || fields[steps] != nil {
		k.bodyScope(d, fields[steps], d.at+below+"/"+steps, original)
	}
	return e
}

// bodyScope looks at the steps of a body. The original's tool takes one step
// without a list as well.
func (k *checker) bodyScope(d *draft, value any, at string, original bool) {
	const why, fix = "belongs to the steps of the body", "move it there, or leave it out"
	k.apart(*d, why, fix, "timeout", "timeout_seconds", "retry", "on_doubt", "undo", "idempotency_key")
	if !original {
		k.apart(*d, why, fix, "uses", "with")
	}
	body, ok := value.([]any)
	if one, single := value.(map[string]any); single && original {
		body, ok = []any{one}, true
	}
	if !ok {
		k.fault(ordinaut.CodeFieldType, at, value, path.Base(at)+" must be a list of steps", "put the steps in [ ]")
		d.body = &scope{}
		return
	}
	d.body = k.scope(body, at, d)
}

// apart refuses fields that a step has in the wrong place.
func (k *checker) apart(d draft, why, fix string, fields ...string) {
	for _, name := range fields {
		if value := d.fields[name]; value != nil {
			k.fault(ordinaut.CodePipelineStep, d.at+"/"+name, value, name+" "+why, fix)
		}
	}
}

// loop reads what a foreach refers to. The condition and the list are read once,
// before there is an item; everything else once for each.
func (k *checker) loop(d draft) step {
	e := d.step.each
	if d.source.text != "" {
		e.list = k.expression(&d, d.source.text, d.reader(d.source.at))
		k.steady(e.list, d)
	}
	inside := d.reader("/on_error")
	inside.item = true
	k.onError(&d, inside)
	if d.body != nil {
		e.body = k.block(d.body)
	} else {
		e.body = k.alone(d)
	}
	d.step.tool = ordinaut.Tool{Address: foreachTool}
	return d.step
}

// steady refuses a list that could be another one in the next attempt: the items
// of a run that resumes must be those that it began with.
func (k *checker) steady(list *expr.Expr, d draft) {
	if list == nil {
		return
	}
	for _, ref := range list.Refs() {
		if ref.Root == "run" && (ref.Name == "attempt" || ref.Name == "feedback" || ref.Name == "") {
			name := strings.TrimSuffix("run."+ref.Name, ".")
			k.fault(ordinaut.CodeExprValue, d.at+d.source.at, d.source.text, "the list may not depend on "+name+", since whatever is done again goes on with the same items",
				"leave "+name+" out of it")
		}
	}
}

// alone is the body of a foreach that is the step itself.
func (k *checker) alone(d draft) *block {
	one := d
	one.step = step{tool: d.tool, timeout: d.timeout, retry: d.retry, onDoubt: d.onDoubt}
	one.item = true
	k.calling(&one)
	return &block{steps: []step{one.step}, unmet: []int{0}}
}
