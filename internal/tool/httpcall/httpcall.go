// Package httpcall is the transport of the tools that are one HTTP request,
// written down in the operator's file.
//
// It promises that everything wrong with such a tool is told when it is read,
// that its scheme and host are the ones that stand in the file whatever the
// arguments are, and that an argument cannot leave the place in the URL that it
// was given: it is escaped, and one that would be an empty or a dot segment of
// the path is refused. Where the request may go and how it fails is what package
// egress says.
//
// The templates and expressions of a tool read these roots: each property of
// its input schema under its own name, args with all arguments, and now. One
// that was not given is null. Output and success read the answer: status,
// headers, body, encoding and url.
package httpcall

import (
	"context"
	"errors"
	"fmt"
	"github.com/ordinaut/ordinaut/internal/jsonguard"
	"net/http"
	"slices"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/egress"
	"github.com/ordinaut/ordinaut/internal/tool"
	"github.com/ordinaut/ordinaut/internal/toolfile"
)

// Tool is one tool, and the transport of it.
type Tool struct {
	listed  ordinaut.Tool
	request request
	reading reading
	client  *http.Client
}

// New makes a tool. It may reach what the options allow and what the tool itself
// does. The error holds every fault, with its place in the tool's entry.
func New(t toolfile.HTTPTool, o egress.Options) (*Tool, error) {
	o.Allow = slices.Concat(t.Allow, o.Allow)
	client, err := egress.New(o)
	var c compiler
	c.note("", err)
	made := &Tool{
		listed: ordinaut.Tool{
			Address: t.Address, Title: t.Title, Description: t.Description,
			InputSchema: t.InputSchema, OutputSchema: t.OutputSchema,
			ReadOnly: t.ReadOnly, Idempotent: t.Idempotent,
		},
		request: c.request(t),
		reading: c.reading(t),
		client:  client,
	}
	if err := c.faults.Err(); err != nil {
		return nil, err
	}
	return made, nil
}

// Tools lists the one tool.
func (t *Tool) Tools(context.Context) ([]ordinaut.Tool, error) {
	return []ordinaut.Tool{t.listed}, nil
}

// Call sends the request and answers with what the tool reads from the answer.
func (t *Tool) Call(ctx context.Context, c tool.Call) (tool.Result, error) {
	args, err := decode[map[string]any](c.Args)
	if err != nil {
		return tool.Result{}, fmt.Errorf("decode the arguments: %w", err)
	}
	request, err := t.request.render(args, c)
	if err != nil {
		return tool.Result{}, t.broken(err)
	}
	answer, err := egress.Send(ctx, t.client, request)
	if errors.Is(err, egress.ErrUnanswered) {
		return tool.Result{}, tool.InDoubt(t.broken(err))
	}
	if err != nil {
		return tool.Result{}, t.broken(err)
	}
	value, err := t.reading.read(answer, c.RunID)
	if err != nil {
		return tool.Result{}, err
	}
	output, err := jsonguard.Encode(value)
	return tool.Result{Output: output}, err
}

// Close closes the connections that the tool keeps for later.
func (t *Tool) Close() { t.client.CloseIdleConnections() }

// broken tells an error about the request as one about the tool: its place is in
// the operator's file, not in what the caller sent.
func (t *Tool) broken(err error) error {
	e, ok := errors.AsType[*ordinaut.Error](err)
	if !ok {
		return err
	}
	first := *e.All()[0]
	place := t.listed.Address
	if first.At != "" {
		place += ", at " + first.At
	}
	first.Message = place + ": " + first.Message
	first.At, first.Sent = "", nil
	return &first
}
