package httpcall

import (
	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/egress"
	"github.com/ordinaut/ordinaut/internal/expr"
	"github.com/ordinaut/ordinaut/internal/tool"
	"github.com/ordinaut/ordinaut/internal/toolfile"
)

// reading is what a tool reads from an answer.
type reading struct {
	success *expr.Expr // nil is a 2xx status
	output  *expr.Expr // nil is the body
}

func (c *compiler) reading(t toolfile.HTTPTool) reading {
	return reading{success: c.expression("/success", t.Success), output: c.expression("/output", t.Output)}
}

// read gives the output of the tool, or says why the answer is a failure.
func (r reading) read(a *egress.Answer, runID ordinaut.RunID) (any, error) {
	value, env := a.Value(), &expr.Env{RunID: string(runID)}
	ok := a.OK()
	if r.success != nil {
		found, err := r.success.Search(env, value)
		if err != nil {
			return nil, unreadable("success", err)
		}
		ok = expr.Truthy(found)
	}
	if !ok {
		return nil, a.Refusal()
	}
	if r.output == nil {
		return value["body"], nil
	}
	output, err := r.output.Search(env, value)
	if err != nil {
		return nil, unreadable("output", err)
	}
	return output, nil
}

// unreadable is the failure of an answer that is not what the tool's own
// expression expects.
func unreadable(what string, err error) error {
	e := *ordinaut.AsError(err)
	e.Message = "the answer cannot be read by the tool's " + what + ": " + e.Message
	e.Sent = nil
	return &tool.Failure{Class: ordinaut.ClassInvalidOutput, Err: &e}
}
