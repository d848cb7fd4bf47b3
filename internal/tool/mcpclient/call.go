package mcpclient

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/ordinaut/ordinaut/internal/tool"
)

// Call calls a tool of the server, and starts it when needed.
func (s *Server) Call(ctx context.Context, c tool.Call) (tool.Result, error) {
	s.mu.Lock()
	s.calls++
	s.mu.Unlock()
	name := strings.TrimPrefix(c.Address, s.config.Name+".")
	result, err := use(ctx, s, func(session *session) (json.RawMessage, error) {
		return session.call(ctx, name, c, s.config.Idempotency[name])
	})
	if err != nil {
		return tool.Result{}, err
	}
	s.recovered()
	output, err := outputOf(c.Address, result)
	return tool.Result{Output: output}, err
}

// call is the session's share of a call: it sends the request and gives the
// result as it came.
func (s *session) call(ctx context.Context, name string, c tool.Call, keyArgument string) (json.RawMessage, error) {
	token, book := s.open(c.Log)
	defer s.shut(token, book)
	params := request(name, token, c, keyArgument, s.modern())
	return do(ctx, s, func(ctx context.Context) (json.RawMessage, error) {
		result, err := s.sdk.CallTool(ctx, params)
		if err != nil {
			return nil, err
		}
		return unseal(result), nil
	})
}

// What every call carries in its _meta, beside the protocol's own.
const (
	metaKey     = "ordinaut/idempotency-key" // the same in every attempt of the step
	metaRun     = "ordinaut/run-id"
	metaStep    = "ordinaut/step"
	metaAttempt = "ordinaut/attempt"
)

// metaLogLevel asks for the log messages of a call, in revisions where a server
// keeps them to itself otherwise.
const metaLogLevel = "io.modelcontextprotocol/logLevel"

// request is a call in the words of the protocol. Under a token the server may
// tell its progress. keyArgument, if there is one, takes the idempotency key
// when the caller has not sent that argument.
func request(name, token string, c tool.Call, keyArgument string, modern bool) *mcp.CallToolParams {
	meta := mcp.Meta{"progressToken": token}
	if c.IdempotencyKey != "" {
		meta[metaKey] = c.IdempotencyKey
	}
	if c.RunID != "" {
		meta[metaRun], meta[metaStep], meta[metaAttempt] = string(c.RunID), c.Step, c.Attempt
	}
	if modern {
		meta[metaLogLevel] = "info"
	}
	args := c.Args
	if len(args) == 0 {
		args = json.RawMessage("{}")
	}
	if keyArgument != "" && c.IdempotencyKey != "" {
		args = withArgument(args, keyArgument, c.IdempotencyKey)
	}
	return &mcp.CallToolParams{Meta: meta, Name: name, Arguments: args}
}

// withArgument adds an argument that is not there.
func withArgument(args json.RawMessage, name, value string) json.RawMessage {
	var all map[string]json.RawMessage
	if json.Unmarshal(args, &all) != nil || all == nil {
		return args
	}
	if _, sent := all[name]; sent {
		return args
	}
	all[name] = encode(value)
	return encode(all)
}
