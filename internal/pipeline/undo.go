package pipeline

import (
	"maps"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/expr"
)

// undo is what takes back what a step has done, when its run fails or is
// canceled.
type undo struct {
	tool    ordinaut.Tool
	with    *expr.Template
	timeout time.Duration
	retry   *retry
}

// undoable says whether a step has done something that is undone when its run
// fails.
func undoable(r ordinaut.StepResult) bool { return r.Status == ordinaut.StepSucceeded && r.Undoable }

// Undoable says whether a step has succeeded that something undoes. A run that
// ends otherwise than well is then begun once more, with its Ending, to be undone.
func (g *Progress) Undoable() bool { return g.toUndo > 0 }

// undo reads what takes the step back. It may read what the step has read, and
// its result.
func (k *checker) undo(d *draft, r reader) *undo {
	sent := d.fields["undo"]
	if sent == nil {
		return nil
	}
	fields, ok := sent.(map[string]any)
	if !ok {
		k.fault(ordinaut.CodeFieldType, r.at, sent, "undo must be an object", "say which tool takes back what the step has done").
			Examples = []string{`{"uses": "payments.refund", "with": {"payment": "${steps.charge.id}"}}`}
		return nil
	}
	back := draft{at: r.at, in: d.in, number: d.number, fields: fields}
	k.undoFields(back)
	u := &undo{tool: k.tool(back), timeout: k.timeout(back), retry: k.retry(back)}
	if u.retry == nil {
		u.retry = newRetry()
	}
	r.at, r.own, r.result = r.at+"/with", true, true
	u.with = k.arguments(d, fields["with"], u.tool.Address, r)
	return u
}

// undoFields refuses what an undo cannot have.
func (k *checker) undoFields(d draft) {
	own := maps.Clone(d.fields)
	refuse := func(field, message, fix string) {
		if own[field] != nil {
			k.fault(ordinaut.CodePipelineStep, d.at+"/"+field, own[field], message, fix)
		}
		delete(own, field)
	}
	refuse("on_doubt", "an undo is always called again when it is in doubt", "leave it out, and use a tool that can take the same thing back twice")
	refuse("undo", "an undo cannot itself be undone", "leave it out")
	k.only(own, d.at, []string{"retry", "timeout", "timeout_seconds", "uses", "with"})
	if address, _ := own["uses"].(string); controls(address) || address == foreachTool {
		k.fault(ordinaut.CodePipelineStep, d.at+"/uses", address, address+" takes nothing back", "use a tool that is called")
	}
}
