// Package operation holds the tools that are operations of Ordinaut itself, so
// that a pipeline can make tasks, run them and end them. A tool is read off the
// operation's description and goes the same way as a request over HTTP: the same
// schema, the same rights, the same audit. Who asks is the agent whose task the
// run carries out. What a step asks for, it gets once, however often it is tried.
package operation

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/op"
	"github.com/ordinaut/ordinaut/internal/tool"
)

// Asker finds on whose behalf a call is made, and returns a context in which
// that agent is the caller.
type Asker func(ctx context.Context, c tool.Call) (context.Context, error)

// Transport reaches the operations of a set.
type Transport struct {
	set   *op.Set
	ask   Asker
	tools map[string]own
	list  []ordinaut.Tool
}

// own is a tool and the operation that it is.
type own struct {
	operation *op.Op
	leaveOut  []string      // arguments that the operation does not take
	answer    func(any) any // of the result; nil is as it is
}

// New describes the tools. Without ask they are there, and cannot be called.
func New(set *op.Set, ask Asker) (*Transport, error) {
	t := &Transport{set: set, ask: ask, tools: map[string]own{}}
	for _, d := range descriptions() {
		if err := t.add(d); err != nil {
			return nil, fmt.Errorf("describe the tool %s: %w", d.address, err)
		}
	}
	return t, nil
}

func (t *Transport) add(d description) error {
	o := t.set.Find(d.operation)
	if o == nil {
		return fmt.Errorf("there is no operation %s", d.operation)
	}
	shown := ordinaut.Tool{
		Address: d.address, Title: d.title, Description: o.Summary + ". " + d.more,
		InputSchema: d.input, OutputSchema: d.output,
		ReadOnly: o.Effect == op.Read, Idempotent: d.once, Examples: d.examples,
	}
	var err error
	if d.input == nil {
		if shown.InputSchema, err = op.Document(o.Request(), "", d.title, nil); err != nil {
			return err
		}
	}
	t.list = append(t.list, shown)
	t.tools[d.address] = own{operation: o, leaveOut: d.leaveOut, answer: d.answer}
	return nil
}

// Tools lists the tools.
func (t *Transport) Tools(context.Context) ([]ordinaut.Tool, error) { return t.list, nil }

// Call asks for the operation.
func (t *Transport) Call(ctx context.Context, c tool.Call) (tool.Result, error) {
	own := t.tools[c.Address]
	if t.ask == nil {
		return tool.Result{}, &ordinaut.Error{
			Code: ordinaut.CodeToolUnavailable, Sent: c.Address,
			Message: c.Address + " works only in a server", Fix: "mock it, or ask a running server",
		}
	}
	ctx, err := t.ask(ctx, c)
	if err != nil {
		return tool.Result{}, err
	}
	args, err := without(c.Args, own.leaveOut)
	if err != nil {
		return tool.Result{}, err
	}
	result, err := t.set.Call(ctx, own.operation, args)
	if err != nil {
		return tool.Result{}, refused(err)
	}
	if own.answer != nil {
		result = own.answer(result)
	}
	output, err := json.Marshal(result)
	if err != nil {
		return tool.Result{}, fmt.Errorf("write the answer of %s: %w", c.Address, err)
	}
	return tool.Result{Output: output}, nil
}

// without leaves fields out of an object.
func without(object json.RawMessage, fields []string) (json.RawMessage, error) {
	if len(fields) == 0 {
		return object, nil
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(object, &all); err != nil {
		return nil, fmt.Errorf("read the arguments: %w", err)
	}
	for _, name := range fields {
		delete(all, name)
	}
	return json.Marshal(all)
}

// refused is the failure of a call that was refused, with all that is wrong with
// it in one message. What is not there will not come by asking again.
func refused(err error) error {
	whole := ordinaut.AsError(err)
	class := tool.FailureOf(whole).Class
	if whole.Kind() == ordinaut.KindNotFound {
		class = ordinaut.ClassInvalidInput
	}
	f := ordinaut.NewFailure(class, whole)
	return &tool.Failure{Class: class, Err: &ordinaut.Error{Code: f.Code, At: f.At, Message: f.Message, Fix: f.Fix, Err: err}}
}
