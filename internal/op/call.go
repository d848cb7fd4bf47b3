package op

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/jsonguard"
)

// Call carries out the operation with a request given as one JSON object. The
// caller is the agent in the context.
func (s *Set) Call(ctx context.Context, o *Op, sent json.RawMessage) (any, error) {
	agent, err := authorize(ctx, o)
	if err != nil {
		return nil, err
	}
	fields, err := object(sent)
	if err != nil {
		return nil, err
	}
	req, err := s.decode(ctx, o, fields)
	if err != nil {
		return nil, err
	}
	if o.Effect != Read {
		ctx = ordinaut.WithChange(ctx, ordinaut.Change{
			Actor: agent.ID, Action: o.Name, DryRun: o.DryRun && string(fields[dryRunField]) == "true",
		})
	}
	return o.call(ctx, req)
}

// authorize finds the caller and refuses one that lacks the operation's scope.
func authorize(ctx context.Context, o *Op) (ordinaut.Agent, error) {
	agent, known := ordinaut.AgentFrom(ctx)
	if o.Scope == ordinaut.ScopeNone {
		return agent, nil
	}
	if !known {
		return agent, &ordinaut.Error{
			Code:    ordinaut.CodeAuthMissing,
			Message: "this needs a bearer token, and none was sent",
			Fix:     "send the header Authorization: Bearer <token>; on this computer the token is in admin.key in the data folder",
		}
	}
	if !agent.May(o.Scope) {
		return agent, &ordinaut.Error{
			Code:    ordinaut.CodeAuthScope,
			Message: fmt.Sprintf("%s needs the scope %s, and %s has %v", o.Name, o.Scope, agent.Name, agent.Scopes),
			Fix:     fmt.Sprintf("use a token that has the scope %s", o.Scope),
		}
	}
	return agent, nil
}

// decode reads the request. Everything that is wrong with it is told at once:
// what the schema finds, and what the operation's own check finds elsewhere.
func (s *Set) decode(ctx context.Context, o *Op, fields map[string]json.RawMessage) (any, error) {
	var faults ordinaut.Errors
	kept := maps.Clone(fields)
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		value := fields[name]
		fix, later := o.Later[name]
		switch {
		case later && !neutral(value):
			faults.Add(notAvailable("/"+name, value, fix))
			fallthrough
		case later, o.Partial && isNull(value):
			delete(kept, name)
		}
	}
	check, err := s.checks.of(s, o)
	if err != nil {
		return nil, err
	}
	for _, f := range check.Validate(loose(kept)) {
		faults.Add(f)
	}
	req := reflect.New(o.request).Interface()
	if d, ok := req.(Defaulter); ok {
		d.SetDefaults()
	}
	body, err := json.Marshal(kept)
	if err == nil {
		err = json.Unmarshal(body, req)
	}
	if err != nil && len(faults) == 0 {
		faults.Add(&ordinaut.Error{Code: ordinaut.CodeFieldType, Message: "the request cannot be read", Fix: "see the schema of " + o.Name, Err: err})
	}
	if k, ok := req.(Keeper); ok {
		k.KeepSent(fields)
	}
	if len(faults) > 0 && err == nil && o.check != nil {
		addElsewhere(&faults, o.check(ctx, req))
	}
	return req, faults.Err()
}

// object splits the request into its fields, behind the guard. No bytes at all
// are an empty object.
func object(sent json.RawMessage) (map[string]json.RawMessage, error) {
	if len(bytes.TrimSpace(sent)) == 0 {
		return map[string]json.RawMessage{}, nil
	}
	if err := jsonguard.Check(sent, jsonguard.Limits{}); err != nil {
		return nil, err
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(sent, &fields); err != nil || fields == nil {
		return nil, &ordinaut.Error{
			Code:    ordinaut.CodeFieldType,
			Message: "the request must be a JSON object",
			Fix:     "send an object: {...}",
			Err:     err,
		}
	}
	return fields, nil
}

// loose is the request as the schema sees it. Numbers keep their text.
func loose(fields map[string]json.RawMessage) any {
	values := make(map[string]any, len(fields))
	for name, raw := range fields {
		var v any
		if jsonguard.Decode(raw, &v) == nil {
			values[name] = v
		}
	}
	return values
}

func notAvailable(at string, sent json.RawMessage, fix string) *ordinaut.Error {
	return &ordinaut.Error{
		Code:    ordinaut.CodeFieldNotAvailable,
		At:      at,
		Sent:    sent,
		Message: fmt.Sprintf("%s is not available in this version", strings.TrimPrefix(at, "/")),
		Fix:     fix,
	}
}

// addElsewhere adds the faults of a check that lie outside of those already
// found: a value that the schema refuses needs no second opinion.
func addElsewhere(faults *ordinaut.Errors, err error) {
	if err == nil {
		return
	}
	known := slices.Clone(*faults)
	for _, f := range ordinaut.AsError(err).All() {
		within := func(k *ordinaut.Error) bool {
			return f.At == k.At || strings.HasPrefix(f.At, k.At+"/")
		}
		if !slices.ContainsFunc(known, within) {
			faults.Add(f)
		}
	}
}

func isNull(raw json.RawMessage) bool { return string(bytes.TrimSpace(raw)) == "null" }

// neutral says whether a value asks for nothing, so that a client that sends
// every field of a form with its empty value is not refused.
func neutral(raw json.RawMessage) bool {
	switch string(bytes.TrimSpace(raw)) {
	case "null", "0", "false", `""`, "[]", "{}":
		return true
	}
	return false
}
