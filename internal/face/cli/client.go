package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/op"
)

// patience is how long an answer may take, besides what the server was asked to
// wait.
const patience = 40 * time.Second

// lasts is how long the operation was asked to work, at the most.
func lasts(o *op.Op, sent fields) time.Duration {
	var seconds float64
	if o.Lasts == "" || json.Unmarshal(sent[o.Lasts], &seconds) != nil {
		return 0
	}
	return time.Duration(seconds * float64(time.Second))
}

// answerBytes bounds what is read of an answer.
const answerBytes = 256 << 20

// answer is what an operation gave.
type answer struct {
	status int
	body   json.RawMessage
}

// problem is an answer that says what is wrong (RFC 9457).
type problem struct {
	described *ordinaut.Error
	raw       json.RawMessage
	requestID string
}

// Error is what the server described.
func (p *problem) Error() string { return p.described.Error() }

// Unwrap gives the error that the server described.
func (p *problem) Unwrap() error { return p.described }

// fields is a request by its fields.
type fields map[string]json.RawMessage

// call asks the server for an operation. One that needs no store is carried out
// here when no server answers.
func (a *app) call(ctx context.Context, o *op.Op, sent fields, wait time.Duration) (answer, error) {
	t, err := a.target()
	if err != nil {
		return answer{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, patience+wait+lasts(o, sent))
	defer cancel()
	req, err := a.request(ctx, t, o, sent)
	if err != nil {
		return answer{}, err
	}
	resp, err := a.client().Do(req)
	if dial, ok := errors.AsType[*net.OpError](err); ok && dial.Op == "dial" && ctx.Err() == nil {
		if o.Pure {
			return a.callHere(ctx, o, sent, t.base)
		}
		return answer{}, unreachable(t.base, err)
	}
	if err != nil {
		return answer{}, a.interrupted(ctx, t, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, answerBytes))
	if err != nil {
		return answer{}, a.interrupted(ctx, t, err)
	}
	return read(resp, body, t)
}

func (a *app) client() *http.Client {
	if a.Client != nil {
		return a.Client
	}
	// A redirect would carry the token to wherever it points.
	return &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// request says the fields where the operation takes them: in the path, and then
// in the body or the query.
func (a *app) request(ctx context.Context, t target, o *op.Op, sent fields) (*http.Request, error) {
	path, rest := o.Path, fields{}
	inPath := o.PathFields()
	for name, value := range sent {
		if slices.Contains(inPath, name) {
			path = strings.ReplaceAll(path, "{"+name+"}", url.PathEscape(plain(value)))
		} else {
			rest[name] = value
		}
	}
	u := strings.TrimSuffix(t.base.String(), "/") + path
	var body io.Reader
	switch {
	case !o.HasBody() && len(rest) > 0:
		u += "?" + rest.query().Encode()
	case o.HasBody():
		text, err := json.Marshal(rest)
		if err != nil {
			return nil, fmt.Errorf("write the request: %w", err)
		}
		body = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, o.Method, u, body)
	if err != nil {
		return nil, fmt.Errorf("make the request: %w", err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if t.token != "" {
		req.Header.Set("Authorization", "Bearer "+t.token)
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "ordinaut/"+a.Version)
	return req, nil
}

// query is the fields as parameters of a URL; arrays repeat theirs.
func (f fields) query() url.Values {
	q := url.Values{}
	for name, value := range f {
		var list []json.RawMessage
		if json.Unmarshal(value, &list) != nil {
			list = []json.RawMessage{value}
		}
		for _, one := range list {
			q.Add(name, plain(one))
		}
	}
	return q
}

// plain is a value as it stands in a URL: a string without its quotes.
func plain(value json.RawMessage) string {
	var text string
	if json.Unmarshal(value, &text) == nil && !bytes.Equal(value, []byte("null")) {
		return text
	}
	return string(value)
}

// read tells an answer from a problem.
func read(resp *http.Response, body []byte, t target) (answer, error) {
	media, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	switch {
	case resp.StatusCode == http.StatusNoContent:
		return answer{status: resp.StatusCode}, nil
	case resp.StatusCode < 300 && media == "application/json":
		return answer{resp.StatusCode, body}, nil
	case media == "application/problem+json":
		return answer{}, readProblem(body, t)
	}
	return answer{}, &ordinaut.Error{
		Code:    ordinaut.CodeCommandServer,
		Message: fmt.Sprintf("what answers at %s is not Ordinaut: %s, %q", t.base, resp.Status, media),
		Fix:     "name the server with --url or ORDINAUT_URL",
	}
}

// readProblem makes an error of a problem document.
func readProblem(body []byte, t target) error {
	var sent struct {
		Code      ordinaut.Code `json:"code"`
		Detail    string        `json:"detail"`
		Fix       string        `json:"fix"`
		RequestID string        `json:"request_id"`
		Errors    []sentFault   `json:"errors"`
	}
	if err := json.Unmarshal(body, &sent); err != nil {
		return fmt.Errorf("read the problem that %s answered: %w", t.base, err)
	}
	e := &ordinaut.Error{Code: sent.Code, Message: sent.Detail, Fix: sent.Fix}
	for _, f := range sent.Errors {
		e.Faults = append(e.Faults, f.described())
	}
	if e.Code == ordinaut.CodeAuthMissing {
		e.Faults, e.Fix = nil, "set ORDINAUT_TOKEN_FILE or ORDINAUT_TOKEN, or name the server's data folder with --data-dir"
	}
	return &problem{described: e, raw: body, requestID: sent.RequestID}
}

// interrupted tells a server that was too slow from a user who has lost
// patience and a connection that broke.
func (a *app) interrupted(ctx context.Context, t target, err error) error {
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return &ordinaut.Error{
			Code: ordinaut.CodeCommandTimeout, Message: fmt.Sprintf("%s did not answer in time", t.base),
			Fix: "look whether it is still at work, and try again", Err: err,
		}
	case ctx.Err() != nil:
		return ctx.Err()
	}
	return unreachable(t.base, err)
}

// callHere carries out an operation that needs no server.
func (a *app) callHere(ctx context.Context, o *op.Op, sent fields, base *url.URL) (answer, error) {
	if !a.alone {
		a.alone = true
		a.say("no server answers at %s, so this was computed here", base)
	}
	return a.compute(ctx, o, sent)
}

// compute carries out an operation in this process.
func (a *app) compute(ctx context.Context, o *op.Op, sent fields) (answer, error) {
	request, err := json.Marshal(sent)
	if err != nil {
		return answer{}, fmt.Errorf("write the request: %w", err)
	}
	user := ordinaut.Agent{Name: "you", Kind: ordinaut.AgentPerson, Scopes: []ordinaut.Scope{ordinaut.ScopeAdmin}}
	result, err := a.Ops.Call(ordinaut.WithAgent(ctx, user), o, request)
	if err != nil {
		return answer{}, err
	}
	var body bytes.Buffer
	e := json.NewEncoder(&body)
	e.SetEscapeHTML(false)
	if err := e.Encode(result); err != nil {
		return answer{}, fmt.Errorf("write the answer: %w", err)
	}
	return answer{o.Status, body.Bytes()}, nil
}
