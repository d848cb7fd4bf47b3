package rehearsal_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/expr"
	"github.com/ordinaut/ordinaut/internal/tool"
)

// workbench is the tools that are always there: those that only compute, and
// one that reaches out, which must not be called.
type workbench struct{ t testing.TB }

func (w workbench) Tools(context.Context) ([]ordinaut.Tool, error) {
	text := json.RawMessage(`{"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}`)
	return []ordinaut.Tool{
		{Address: "debug.echo"}, {Address: "debug.log"}, {Address: "data.transform"},
		{Address: "text.render", InputSchema: json.RawMessage(`{"type": "object", "properties": {"template": {"type": "string"}}}`), OutputSchema: text},
		{Address: "http.request", InputSchema: json.RawMessage(`{"type": "object", "required": ["url"]}`)},
	}, nil
}

func (w workbench) Call(_ context.Context, c tool.Call) (tool.Result, error) {
	var in struct {
		Message, Template, Expression string
		Input                         any
	}
	if err := json.Unmarshal(c.Args, &in); err != nil {
		return tool.Result{}, err
	}
	switch c.Address {
	case "debug.echo":
		return tool.Result{Output: c.Args}, nil
	case "debug.log":
		c.Log(in.Message)
		return tool.Result{Output: json.RawMessage(`{}`)}, nil
	case "text.render":
		return answered(map[string]string{"text": in.Template})
	case "data.transform":
		e, err := expr.Parse(in.Expression)
		if err != nil {
			return tool.Result{}, err
		}
		found, err := e.Search(&expr.Env{}, in.Input)
		if err != nil {
			return tool.Result{}, err
		}
		return answered(found)
	}
	w.t.Errorf("%s was called", c.Address)
	return tool.Result{}, nil
}

func answered(v any) (tool.Result, error) {
	output, err := json.Marshal(v)
	return tool.Result{Output: output}, err
}
