package httpcall

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/ordinaut/ordinaut/internal/egress"
	"github.com/ordinaut/ordinaut/internal/expr"
	"github.com/ordinaut/ordinaut/internal/tool"
	"github.com/ordinaut/ordinaut/internal/toolfile"
)

// request is the request of a tool, with templates where its arguments go.
type request struct {
	method    string
	url       address
	rest      *expr.Template // of headers, query and, when there is one, body
	keyHeader string
	roots     []string
}

func (c *compiler) request(t toolfile.HTTPTool) request {
	r := request{method: t.Method, keyHeader: t.KeyHeader, roots: rootsOf(t.InputSchema)}
	r.url = c.address("/url", t.URL, r.roots)
	rest := map[string]any{"headers": texts(t.Headers), "query": texts(t.Query)}
	if len(t.Body) > 0 {
		rest["body"] = c.json("/body", t.Body)
		if r.method == "" {
			r.method = http.MethodPost
		}
	}
	for _, part := range slices.Sorted(maps.Keys(rest)) {
		c.template("/"+part, rest[part], r.roots)
	}
	r.rest, _ = expr.ParseTemplate(rest) // the parts were parsed before
	return r
}

// texts is the map as a template.
func texts(m map[string]string) map[string]any {
	value := make(map[string]any, len(m))
	for name, text := range m {
		value[name] = text
	}
	return value
}

// render makes the request of one call.
func (r request) render(args map[string]any, c tool.Call) (egress.Request, error) {
	env := r.env(args, c)
	url, err := r.url.render(env)
	if err != nil {
		return egress.Request{}, err
	}
	rendered, err := r.rest.Render(env)
	if err != nil {
		return egress.Request{}, err
	}
	rest := rendered.(map[string]any)
	made := egress.Request{
		Method: r.method, URL: url, Key: c.IdempotencyKey, KeyHeader: r.keyHeader,
		Query:  egress.Parameters(rest["query"].(map[string]any)),
		Header: egress.Texts(rest["headers"].(map[string]any)),
	}
	made.Type, made.Body = bodyOf(rest["body"], made.Header)
	return made, nil
}

// env is what the templates read.
func (r request) env(args map[string]any, c tool.Call) *expr.Env {
	roots := make(map[string]any, len(r.roots))
	for _, name := range r.roots {
		roots[name] = args[name]
	}
	roots["args"] = args
	delete(roots, "now")
	return &expr.Env{Roots: roots, Now: time.Now(), RunID: string(c.RunID)}
}

// bodyOf writes a body: text as it is, fields as a form when the header says
// so, and anything else as JSON. Null is no body.
func bodyOf(body any, header map[string]string) (contentType string, written []byte) {
	fields, isObject := body.(map[string]any)
	switch text, isText := body.(string); {
	case body == nil:
		return "", nil
	case isText:
		return "text/plain; charset=utf-8", []byte(text)
	case isObject && isForm(header):
		return "", []byte(egress.Parameters(fields).Encode())
	}
	return "application/json", []byte(egress.Text(body))
}

func isForm(header map[string]string) bool {
	for name, value := range header {
		if strings.EqualFold(name, "Content-Type") {
			return strings.HasPrefix(strings.ToLower(value), "application/x-www-form-urlencoded")
		}
	}
	return false
}
