// Package tool is the contract of everything that a step can call, and the
// catalog in front of it.
//
// The catalog promises that a tool is given only what fits its input schema,
// that nothing comes back which is too large or does not fit its output schema,
// that a tool which panics fails its own call and no other, and that every
// failure has a class that says what may be done about it. How a tool is
// reached is left to its transport; when to call again, to the pipeline.
package tool

import (
	"context"
	"encoding/json"

	"github.com/ordinaut/ordinaut"
)

// Call is one call of a tool.
type Call struct {
	Address        string          // server.tool
	Args           json.RawMessage // an object; nothing is {}
	IdempotencyKey string          // the same in every attempt of the step
	RunID          ordinaut.RunID
	Step           string // the step's path in the run
	Attempt        int    // counted from 1
	Zone           string // of times for which nobody names one; "" leaves it to the tool
	Most           int    // bytes of an output that the caller can keep; 0 is limits.StepOutputBytes
	Log            func(line string)
}

// Result is what a tool answered.
type Result struct {
	Output json.RawMessage
}

// Caller calls tools. An error is a *Failure, an *ordinaut.Error, or the cause
// of a failure that is ours; see FailureOf.
type Caller interface {
	Call(ctx context.Context, c Call) (Result, error)
}

// Transport is one way to reach tools. It returns soon after its context is
// done.
type Transport interface {
	// Tools lists the tools that can be reached.
	Tools(ctx context.Context) ([]ordinaut.Tool, error)
	Caller
}
