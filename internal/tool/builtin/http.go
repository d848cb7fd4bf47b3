package builtin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/egress"
	"github.com/ordinaut/ordinaut/internal/tool"
)

// httpRequest asks a server on the internet. It counts as a tool that changes
// things, because its method is known only when it is called.
func httpRequest(client *http.Client) builtin {
	return builtin{
		Tool: ordinaut.Tool{
			Address: "http.request",
			Title:   "HTTP request",
			Description: "Sends an HTTP request and answers with status, headers and body; a JSON body arrives as a value. " +
				"The step fails when the status is not 2xx, unless expect names it. Only the public internet can be reached, and what else the operator allows. " +
				"POST and PATCH carry an Idempotency-Key, the same in every attempt of the step.",
			InputSchema:  json.RawMessage(httpInput),
			OutputSchema: json.RawMessage(httpOutput),
			Examples: []ordinaut.ToolExample{{
				Input:  json.RawMessage(`{"url": "https://api.example.com/items", "query": {"done": false, "limit": 2}, "headers": {"Authorization": "Bearer abc"}}`),
				Output: json.RawMessage(`{"status": 200, "headers": {"content-type": "application/json"}, "body": {"items": ["Write", "Send"]}, "url": "https://api.example.com/items?done=false&limit=2"}`),
			}, {
				Input:  json.RawMessage(`{"method": "POST", "url": "https://api.example.com/items", "json": {"title": "Send"}, "expect": [201, 409]}`),
				Output: json.RawMessage(`{"status": 201, "headers": {"content-type": "application/json"}, "body": {"id": 7}, "url": "https://api.example.com/items"}`),
			}},
		},
		work: reaching(func(ctx context.Context, c tool.Call, in httpArguments) (any, error) {
			return in.ask(ctx, client, c.IdempotencyKey)
		}),
	}
}

const (
	httpInput = `{
		"type": "object",
		"properties": {
			"url": {"type": "string", "minLength": 1, "maxLength": 8192, "description": "Where to, with http:// or https://.", "examples": ["https://api.example.com/items"]},
			"method": {"enum": ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"], "description": "GET, or POST when there is something to send."},
			"headers": {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean"]}, "description": "By name.", "examples": [{"Authorization": "Bearer abc"}]},
			"query": {"$ref": "#/$defs/parameters", "description": "Added to the URL, encoded. A list is a parameter several times; null leaves it out.", "examples": [{"limit": 10}]},
			"json": {"description": "A value to send as JSON."},
			"form": {"$ref": "#/$defs/parameters", "description": "Fields to send as an HTML form does.", "examples": [{"name": "Ada"}]},
			"body": {"type": "string", "description": "Text to send as it is. Say what it is with the header Content-Type."},
			"follow_redirects": {"type": "boolean", "default": true, "description": "Whether a redirect is followed. Headers and bodies are not sent on to another origin."},
			"expect": {"type": "array", "items": {"type": "integer", "minimum": 100, "maximum": 599}, "minItems": 1, "description": "The statuses that are a success, instead of every 2xx.", "examples": [[200, 404]]}
		},
		"required": ["url"],
		"additionalProperties": false,
		"$defs": {
			"parameters": {"type": "object", "additionalProperties": {"anyOf": [{"$ref": "#/$defs/parameter"}, {"type": "array", "items": {"$ref": "#/$defs/parameter"}}]}},
			"parameter": {"type": ["string", "number", "boolean", "null"]}
		}
	}`
	httpOutput = `{
		"type": "object",
		"properties": {
			"status": {"type": "integer", "description": "The status, such as 200."},
			"headers": {"type": "object", "additionalProperties": {"type": "string"}, "description": "By name in lower case."},
			"body": {"description": "The value of JSON; otherwise text; null when there is none."},
			"encoding": {"const": "base64", "description": "There when body is no text: its bytes, in base64."},
			"url": {"type": "string", "description": "Where the answer came from, after all redirects."}
		},
		"required": ["status", "headers", "body", "url"]
	}`
)

type httpArguments struct {
	URL     string          `json:"url"`
	Method  string          `json:"method"`
	Headers map[string]any  `json:"headers"`
	Query   map[string]any  `json:"query"`
	JSON    json.RawMessage `json:"json"`
	Form    map[string]any  `json:"form"`
	Body    *string         `json:"body"`
	Follow  *bool           `json:"follow_redirects"`
	Expect  []int           `json:"expect"`
}

// ask sends the request and answers with what comes back, when it is wanted.
func (in httpArguments) ask(ctx context.Context, client *http.Client, key string) (any, error) {
	request := egress.Request{Method: in.Method, URL: in.URL, Header: egress.Texts(in.Headers), Query: egress.Parameters(in.Query), Key: key}
	if err := in.addBody(&request); err != nil {
		return nil, err
	}
	if in.Follow != nil && !*in.Follow {
		client = egress.WithoutRedirects(client)
	}
	answer, err := egress.Send(ctx, client, request)
	if errors.Is(err, egress.ErrUnanswered) {
		return nil, tool.InDoubt(err)
	}
	if err != nil {
		return nil, err
	}
	if in.wants(answer) {
		return answer.Value(), nil
	}
	refusal := answer.Refusal()
	refusal.Fix += fmt.Sprintf("; if this status is a success, list it, as in expect: [200, %d]", answer.Status)
	return nil, refusal
}

// addBody adds what is to be sent, which is given in one of three ways.
func (in httpArguments) addBody(r *egress.Request) error {
	var given []string
	if in.JSON != nil {
		given, r.Type, r.Body = append(given, "json"), "application/json", in.JSON
	}
	if in.Form != nil {
		given, r.Type, r.Body = append(given, "form"), "application/x-www-form-urlencoded", []byte(egress.Parameters(in.Form).Encode())
	}
	if in.Body != nil {
		given, r.Type, r.Body = append(given, "body"), "text/plain; charset=utf-8", []byte(*in.Body)
	}
	if len(given) > 1 {
		return &ordinaut.Error{
			Code:    ordinaut.CodeToolInput,
			At:      "/" + given[1],
			Message: "http.request: " + strings.Join(given, " and ") + " cannot be sent together",
			Fix:     "keep one of them",
		}
	}
	if len(given) == 1 && r.Method == "" {
		r.Method = http.MethodPost
	}
	return nil
}

// wants reports whether an answer is a success.
func (in httpArguments) wants(a *egress.Answer) bool {
	if in.Expect == nil {
		return a.OK()
	}
	return slices.Contains(in.Expect, a.Status)
}
