// Package builtin holds the tools that need nothing but Ordinaut, so they are
// there in every installation. Each tool is one file with its description, its
// schemas, an example that a test runs, and its work. They reach out with the
// client that they are given, and with nothing else. What needs the store or a
// person is left to other transports.
package builtin

import (
	"context"
	"fmt"
	"github.com/ordinaut/ordinaut/internal/jsonguard"
	"net/http"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/egress"
	"github.com/ordinaut/ordinaut/internal/tool"
)

// Options is what the tools are given. The zero value works.
type Options struct {
	Client *http.Client // with which tools reach out; nil reaches the public internet only
	Files  []string     // folders of which tools may read files; none when it is empty
}

// Tools is the built-in tools, each a transport of its own. To add one, write
// its file and name it here.
func Tools(o Options) []tool.Transport {
	if o.Client == nil {
		o.Client = egress.Public()
	}
	return append(controls(),
		debugEcho(),
		debugLog(),
		dataTransform(),
		textRender(),
		flowFail(),
		httpRequest(o.Client),
		calendarListEvents(o),
	)
}

// builtin is one tool and its work. The arguments have been checked against the
// input schema; the answer is a value for the JSON encoder.
type builtin struct {
	ordinaut.Tool
	work func(ctx context.Context, c tool.Call) (any, error)
}

// Tools lists the one tool.
func (b builtin) Tools(context.Context) ([]ordinaut.Tool, error) {
	return []ordinaut.Tool{b.Tool}, nil
}

// Call does the work of the tool.
func (b builtin) Call(ctx context.Context, c tool.Call) (tool.Result, error) {
	answer, err := b.work(ctx, c)
	if err != nil {
		return tool.Result{}, err
	}
	output, err := jsonguard.Encode(answer)
	return tool.Result{Output: output}, err
}

// reading makes work of a function that takes its arguments decoded, with
// numbers as they are written.
func reading[In any](work func(c tool.Call, in In) (any, error)) func(context.Context, tool.Call) (any, error) {
	return reaching(func(_ context.Context, c tool.Call, in In) (any, error) { return work(c, in) })
}

// reaching is reading for work that takes time, and ends with its context.
func reaching[In any](work func(ctx context.Context, c tool.Call, in In) (any, error)) func(context.Context, tool.Call) (any, error) {
	return func(ctx context.Context, c tool.Call) (any, error) {
		var in In
		if err := jsonguard.Decode(c.Args, &in); err != nil {
			return nil, fmt.Errorf("decode the arguments: %w", err)
		}
		return work(ctx, c, in)
	}
}
