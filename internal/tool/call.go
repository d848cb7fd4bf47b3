package tool

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/jsonguard"
	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/internal/schema"
)

// Call calls a tool: it checks the arguments, lets the tool work until the
// context is done, and checks the output. The error is always a *Failure.
func (c *Catalog) Call(ctx context.Context, call Call) (Result, error) {
	e, err := c.ready(ctx, call.Address)
	if err != nil {
		return Result{}, failed(ctx, err)
	}
	if len(call.Args) == 0 {
		call.Args = json.RawMessage("{}")
	}
	if call.Log == nil {
		call.Log = func(string) {}
	}
	if err := e.checkInput(call.Args); err != nil {
		return Result{}, &Failure{Class: ordinaut.ClassInvalidInput, Err: err}
	}
	result, err := e.call(ctx, call)
	if err != nil {
		return Result{}, failed(ctx, err)
	}
	if len(result.Output) == 0 {
		result.Output = json.RawMessage("null")
	}
	if err := c.checkOutput(e, result.Output, cmp.Or(call.Most, limits.StepOutputBytes)); err != nil {
		return Result{}, &Failure{Class: ordinaut.ClassInvalidOutput, Err: err}
	}
	return result, nil
}

// ready finds the tool. A server that was not listed since it was configured is
// listed first: what a call is checked against is what the server says today.
func (c *Catalog) ready(ctx context.Context, address string) (entry, error) {
	l := c.listing.Load()
	if v := viewOf(l.hosts, address); v != nil && !v.fresh {
		if err := c.refresh(ctx, v.host); err != nil {
			return entry{}, err
		}
		l = c.listing.Load()
	}
	return l.find(address)
}

// call lets the tool work, and turns a panic into a failure of this call.
func (e entry) call(ctx context.Context, call Call) (result Result, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &Failure{Class: ordinaut.ClassInternal, Err: &ordinaut.Error{
				Code:    ordinaut.CodeInternal,
				Message: e.Address + " broke down",
				Fix:     "try again; if it happens again, look up the run in the server's log",
				Err:     fmt.Errorf("panic: %v\n%s", p, debug.Stack()),
			}}
		}
	}()
	if err := ctx.Err(); err != nil {
		return Result{}, err
	}
	return e.caller.Call(ctx, call)
}

// failed sorts the error of a call. When the context is done and the tool says
// nothing better, that is why.
func failed(ctx context.Context, err error) *Failure {
	f := FailureOf(err)
	answered := !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) && f.Class != ordinaut.ClassInternal
	if ctx.Err() == nil || answered {
		return f
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return FailureOf(ctx.Err())
	}
	return &Failure{Class: ordinaut.ClassCanceled, Err: &ordinaut.Error{
		Code:    ordinaut.CodeToolCanceled,
		Message: "the call was cut short",
		Fix:     "start the run again when it is wanted after all",
		Err:     context.Cause(ctx),
	}}
}

// checkInput makes sure that the arguments fit.
func (e entry) checkInput(args json.RawMessage) *ordinaut.Error {
	if err := jsonguard.Check(args, jsonguard.Limits{}); err != nil {
		fault := *ordinaut.AsError(err)
		return together(e.misfits(ordinaut.Errors{&fault}))
	}
	return together(e.misfits(validate(e.input, args)))
}

// checkOutput makes sure that the output can be kept and fits. Those that are
// large are checked one after the other, because a check may take many times the
// memory of what it checks.
func (c *Catalog) checkOutput(e entry, output json.RawMessage, most int) *ordinaut.Error {
	if len(output) > most {
		return &ordinaut.Error{
			Code:    ordinaut.CodeOutputTooLarge,
			Message: fmt.Sprintf("%s answered with %d bytes, and %d are kept", e.Address, len(output), most),
			Fix:     "ask the tool for less",
		}
	}
	if len(output) <= limits.StepOutputBytes {
		return e.checkOutput(output, jsonguard.Limits{})
	}
	c.large.Lock()
	defer c.large.Unlock()
	return e.checkOutput(output, jsonguard.Limits{Nodes: limits.ArtifactValues, StringBytes: limits.ArtifactBytes})
}

// checkOutput makes sure that the output is sound and fits.
func (e entry) checkOutput(output json.RawMessage, bounds jsonguard.Limits) *ordinaut.Error {
	var faults ordinaut.Errors
	if err := jsonguard.Check(output, bounds); err != nil {
		faults.Add(err)
	} else {
		faults = validate(e.output, output)
	}
	for _, f := range faults {
		f.Code = ordinaut.CodeToolOutput
		f.Message = "the answer of " + e.Address + ": " + f.Message
		f.Fix = "tell whoever runs the tool; its answer is not what it promises"
	}
	return together(faults)
}

// validate checks guarded JSON against a schema, if there is one.
func validate(s *schema.Schema, data json.RawMessage) ordinaut.Errors {
	if s == nil {
		return nil
	}
	var v any
	if err := jsonguard.Decode(data, &v); err != nil {
		return ordinaut.Errors{ordinaut.AsError(err)}
	}
	return s.Validate(v)
}

// together makes one error of several faults of one code.
func together(faults ordinaut.Errors) *ordinaut.Error {
	switch len(faults) {
	case 0:
		return nil
	case 1:
		return faults[0]
	}
	const told = 5
	one := *faults[0]
	messages, fixes := []string{}, []string{}
	for _, f := range faults[:min(len(faults), told)] {
		messages, fixes = append(messages, f.Message), append(fixes, f.Fix)
	}
	if more := len(faults) - told; more > 0 {
		messages = append(messages, fmt.Sprintf("and %d more", more))
	}
	one.Message, one.Fix, one.Faults = strings.Join(messages, "; "), strings.Join(fixes, "; "), faults
	return &one
}
