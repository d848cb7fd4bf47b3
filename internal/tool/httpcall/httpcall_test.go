package httpcall_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/egress"
	"github.com/ordinaut/ordinaut/internal/tool"
	"github.com/ordinaut/ordinaut/internal/tool/httpcall"
	"github.com/ordinaut/ordinaut/internal/toolfile"
)

// schemaOf is an input schema with properties of any type.
func schemaOf(names ...string) json.RawMessage {
	properties := map[string]any{}
	for _, name := range names {
		properties[name] = map[string]any{}
	}
	raw, _ := json.Marshal(map[string]any{"type": "object", "properties": properties})
	return raw
}

// call calls a tool that may reach the server. URL in the tool's own URL stands
// for the server's.
func call(t *testing.T, server *httptest.Server, made toolfile.HTTPTool, args string) (string, error) {
	t.Helper()
	made.Address = "shop.items"
	made.URL = strings.ReplaceAll(made.URL, "URL", server.URL)
	made.Allow = append(made.Allow, strings.TrimPrefix(server.URL, "http://"))
	transport, err := httpcall.New(made, egress.Options{Redirects: 3})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(transport.Close)
	catalog, err := tool.New(t.Context(), transport)
	if err != nil {
		t.Fatal(err)
	}
	result, err := catalog.Call(t.Context(), tool.Call{Address: "shop.items", Args: json.RawMessage(args), IdempotencyKey: "run/step", RunID: "r"})
	return string(result.Output), err
}

// mirror answers with the request that it got, as text.
func mirror(t *testing.T) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var header []string
		for _, name := range []string{"Content-Type", "Idempotency-Key", "X-A", "X-B", "X-Key"} {
			if v := r.Header.Get(name); v != "" {
				header = append(header, name+": "+v)
			}
		}
		fmt.Fprintf(w, "%s %s [%s] %s", r.Method, r.RequestURI, strings.Join(header, "; "), body)
	}))
	t.Cleanup(server.Close)
	return server
}

func TestAToolSendsItsArguments(t *testing.T) {
	t.Parallel()
	server := mirror(t)
	texts := func(pairs ...string) map[string]string {
		m := map[string]string{}
		for i := 0; i < len(pairs); i += 2 {
			m[pairs[i]] = pairs[i+1]
		}
		return m
	}
	tests := []struct {
		name string
		tool toolfile.HTTPTool
		args string
		want string
	}{
		{"in the path", toolfile.HTTPTool{URL: "URL/items/${id}"}, `{"id": 7}`, "GET /items/7 [] "},
		{"in the path, escaped", toolfile.HTTPTool{URL: "URL/items/${id}/x"}, `{"id": "a/b?c#d e%2f&ü"}`, "GET /items/a%2Fb%3Fc%23d%20e%252f&%C3%BC/x [] "},
		{"in a part of a segment", toolfile.HTTPTool{URL: "URL/items/v${id}.json"}, `{"id": "1"}`, "GET /items/v1.json [] "},
		{"in the query of the URL, escaped", toolfile.HTTPTool{URL: "URL/?q=${id}&x=${a}"}, `{"id": "a&b=c d", "a": [1]}`, "GET /?q=a%26b%3Dc+d&x=%5B1%5D [] "},
		{"a dot is no segment in the query", toolfile.HTTPTool{URL: "URL/?q=${id}"}, `{"id": "../.."}`, "GET /?q=..%2F.. [] "},
		{"under args, and by an expression with braces", toolfile.HTTPTool{URL: "URL/${ {a: args.id}.a }/${'}'}"}, `{"id": "x"}`, "GET /x/%7D [] "},
		{"not where the place is escaped", toolfile.HTTPTool{URL: "URL/a$${id}/${id}"}, `{"id": "x"}`, "GET /a$%7Bid%7D/x [] "},
		{"in query, with their type", toolfile.HTTPTool{URL: "URL/p?z=0", Query: texts("a", "${a}", "n", "n-${id}", "none", "${b}")}, `{"id": 1, "a": ["x", true]}`, "GET /p?z=0&a=x&a=true&n=n-1 [] "},
		{"in headers", toolfile.HTTPTool{URL: "URL", Headers: texts("X-A", "Bearer ${id}", "x-b", "${b}")}, `{"id": 1}`, "GET / [X-A: Bearer 1] "},
		{"in a JSON body", toolfile.HTTPTool{URL: "URL", Body: json.RawMessage(`{"title": "${id}", "n": 12345678901234567890, "of": ["${a}"]}`)}, `{"id": 1.50, "a": {"b": "<"}}`,
			`POST / [Content-Type: application/json; Idempotency-Key: run/step] {"n":12345678901234567890,"of":[{"b":"<"}],"title":1.50}`},
		{"as the body itself", toolfile.HTTPTool{URL: "URL", Method: "PUT", Body: json.RawMessage(`"${args}"`)}, `{"id": 1}`, `PUT / [Content-Type: application/json] {"id":1}`},
		{"as text", toolfile.HTTPTool{URL: "URL", Method: "PUT", Body: json.RawMessage(`"hi ${id}"`)}, `{"id": 1}`, `PUT / [Content-Type: text/plain; charset=utf-8] hi 1`},
		{"as a form", toolfile.HTTPTool{URL: "URL", Method: "PUT", Headers: texts("content-type", "application/x-www-form-urlencoded"), Body: json.RawMessage(`{"a": "${a}", "b": "x y"}`)}, `{"a": [1, 2]}`,
			`PUT / [Content-Type: application/x-www-form-urlencoded] a=1&a=2&b=x+y`},
		{"as another media type", toolfile.HTTPTool{URL: "URL", Method: "PUT", Headers: texts("X-A", "1", "Content-Type", "application/merge-patch+json"), Body: json.RawMessage(`{"a": "${a}"}`)}, `{"a": null}`,
			`PUT / [Content-Type: application/merge-patch+json; X-A: 1] {"a":null}`},
		{"no body when it is null", toolfile.HTTPTool{URL: "URL", Method: "DELETE", Body: json.RawMessage(`"${a}"`)}, `{}`, `DELETE / [] `},
		{"the key in the tool's own header", toolfile.HTTPTool{URL: "URL", Method: "PUT", KeyHeader: "X-Key"}, `{}`, `PUT / [X-Key: run/step] `},
		{"nothing", toolfile.HTTPTool{URL: "URL"}, ``, `GET / [] `},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.tool.InputSchema = schemaOf("id", "a", "b")
			output, err := call(t, server, tt.tool, tt.args)
			if err != nil {
				t.Fatal(err)
			}
			var got string
			if err := json.Unmarshal([]byte(output), &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("request (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNowIsTheTimeOfTheCall(t *testing.T) {
	t.Parallel()
	output, err := call(t, mirror(t), toolfile.HTTPTool{URL: "URL/?at=${now}&later=${now + 1h}", InputSchema: schemaOf("now")}, `{"now": "never"}`)
	if year := time.Now().UTC().Format("at=2006-01"); err != nil || !strings.Contains(output, year) {
		t.Errorf("got %s, %v; want %s", output, err, year)
	}
}

func TestAnArgumentCannotLeaveItsPlace(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("got a request for %s, want none", r.RequestURI)
	}))
	t.Cleanup(server.Close)
	for _, id := range []string{`""`, `null`, `"."`, `".."`, `"../admin"`, `"a/../../admin"`, `"..\\admin"`, `"x/.."`} {
		for _, template := range []string{"URL/items/${id}", "URL/items/${id}/edit?x=1"} {
			_, err := call(t, server, toolfile.HTTPTool{URL: template, InputSchema: schemaOf("id")}, `{"id": `+id+`}`)
			var f *tool.Failure
			if !errors.As(err, &f) || f.Class != ordinaut.ClassInvalidInput || f.Err.Code != ordinaut.CodeExprValue {
				t.Errorf("%s in %s: got %v, want it refused", id, template, err)
			}
		}
	}
	if _, err := call(t, server, toolfile.HTTPTool{URL: "URL/.${id}", InputSchema: schemaOf("id")}, `{"id": "."}`); err == nil {
		t.Error("got an answer for a segment made of two dots, want it refused")
	}
}

func TestEverythingWrongWithAToolIsTold(t *testing.T) {
	t.Parallel()
	_, err := httpcall.New(toolfile.HTTPTool{
		Address:     "shop.items",
		URL:         "https://${idd}.example.com/",
		Headers:     map[string]string{"X-A": "${"},
		Query:       map[string]string{"q": "${qery}", "r": "${zzz}"},
		Body:        json.RawMessage(`{"a": "${lenght(id)}"}`),
		InputSchema: schemaOf("id", "query"),
		Output:      "bdy.items",
		Success:     "status ==",
		Allow:       []string{"http://x"},
	}, egress.Options{})
	var e *ordinaut.Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want an error", err)
	}
	var got []string
	for _, f := range e.All() {
		got = append(got, fmt.Sprintf("%s %s: %s; %s", f.At, f.Code, f.Message, f.Fix))
		if f.Sent != nil {
			t.Errorf("got %v shown, want nothing of the file", f.Sent)
		}
	}
	want := []string{
		`/allow/0 field.invalid_value: "http://x" cannot be allowed: it is no network; name a host, an address or a network, without a scheme and a path`,
		`/url expression.unknown_root: there is no idd to read here; there are: args, id, now, query; did you mean id?`,
		`/url field.invalid_value: the scheme and the host of a URL cannot come from an argument; write them out, up to the / that begins the path, and make a tool for each host`,
		"/body/a expression.unknown_function: column 3, “lenght”: there is no such function; did you mean length?",
		"/headers/X-A expression.syntax: column 1, “${”: the ${ is never closed; close it with }, or write $${ for a literal ${",
		"/query/q expression.unknown_root: there is no qery to read here; there are: args, id, now, query; did you mean query?",
		"/query/r expression.unknown_root: there is no zzz to read here; there are: args, id, now, query; begin with one of them",
		"/success expression.syntax: column 10, at the end: something is missing here; finish the expression",
		`/output expression.unknown_root: there is no bdy to read here; there are: body, encoding, headers, status, url; did you mean body?`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
}

func TestAURLThatCannotBeSentIsRefusedWhenItIsRead(t *testing.T) {
	t.Parallel()
	for template, want := range map[string]string{
		"":                               "has no scheme",
		"ftp://example.com/${id}":        "only http and https may be used",
		"https://":                       "names no host",
		"https://u:p@example.com/":       "user name before its host",
		"https://example.com:x/${id}":    "the URL cannot be read",
		"https://example.com/#${id}":     "never sent",
		"https://example.com${id}":       "cannot come from an argument",
		"https://example.com:${id}/":     "cannot come from an argument",
		"${id}":                          "cannot come from an argument",
		"${id}://example.com/":           "cannot come from an argument",
		"https:/${id}/":                  "cannot come from an argument",
		"https://example.com/${":         "never closed",
		"https://example.com/${id + }":   "",
		"https://example.com/?q=${nope}": "there is no nope to read here",
	} {
		_, err := httpcall.New(toolfile.HTTPTool{URL: template, InputSchema: schemaOf("id")}, egress.Options{})
		if err == nil || !strings.Contains(err.Error(), want) || ordinaut.AsError(err).At != "/url" {
			t.Errorf("%s: got %v, want %q at /url", template, err, want)
		}
	}
}

func TestABodyThatIsNoJSONIsRefusedWhenItIsRead(t *testing.T) {
	t.Parallel()
	_, err := httpcall.New(toolfile.HTTPTool{URL: "https://example.com/", Body: json.RawMessage(`{`)}, egress.Options{})
	if !errors.Is(err, &ordinaut.Error{Code: ordinaut.CodeRequestMalformed}) || ordinaut.AsError(err).At != "/body" {
		t.Errorf("got %v, want malformed JSON at /body", err)
	}
}

// shop answers in ways that a tool has to read.
func shop(t *testing.T) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch r.URL.Path {
		case "/items":
			_, _ = io.WriteString(w, `{"ok": true, "items": [{"title": "a<b", "price": 1.50}, {"title": "c", "price": 2}]}`)
		case "/soft":
			_, _ = io.WriteString(w, `{"ok": false, "error": "sold out"}`)
		case "/gone":
			w.WriteHeader(http.StatusGone)
		case "/busy":
			w.Header().Set("Retry-After", "3")
			w.WriteHeader(http.StatusServiceUnavailable)
		case "/here":
			http.Redirect(w, r, "http://10.0.0.1/", http.StatusFound)
		}
	}))
	t.Cleanup(server.Close)
	return server
}

func TestAToolReadsTheAnswer(t *testing.T) {
	t.Parallel()
	server := shop(t)
	tests := []struct {
		name string
		tool toolfile.HTTPTool
		want string
	}{
		{"the body when nothing is said", toolfile.HTTPTool{URL: "URL/soft"}, `{"error":"sold out","ok":false}`},
		{"what output finds", toolfile.HTTPTool{URL: "URL/items", Output: "body.items[?price > `1.7`].title"}, `["c"]`},
		{"text and numbers as they are", toolfile.HTTPTool{URL: "URL/items", Output: "body.items[0]"}, `{"price":1.50,"title":"a<b"}`},
		{"status and headers", toolfile.HTTPTool{URL: "URL/gone", Output: `{status: status, type: headers."content-type"}`, Success: "status == `410`"}, `{"status":410,"type":"application/json"}`},
		{"nothing", toolfile.HTTPTool{URL: "URL/items", Output: "body.nothing"}, `null`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := call(t, server, tt.tool, `{}`)
			if err != nil || got != tt.want {
				t.Errorf("got %s, %v; want %s", got, err, tt.want)
			}
		})
	}
}

func TestAToolFailsWithAReason(t *testing.T) {
	t.Parallel()
	server := shop(t)
	host := strings.TrimPrefix(server.URL, "http://")
	tests := []struct {
		name    string
		tool    toolfile.HTTPTool
		class   ordinaut.Class
		code    ordinaut.Code
		message string
	}{
		{"a status that is no success", toolfile.HTTPTool{URL: "URL/gone"}, ordinaut.ClassToolError, ordinaut.CodeToolFailed, host + " answered 410 Gone"},
		{"a server that is busy", toolfile.HTTPTool{URL: "URL/busy"}, ordinaut.ClassUnavailable, ordinaut.CodeEgressBusy, host + " answered 503 Service Unavailable"},
		{"an answer that is no success", toolfile.HTTPTool{URL: "URL/soft", Success: "body.ok"}, ordinaut.ClassToolError, ordinaut.CodeToolFailed, host + ` answered 200 OK: {"ok": false, "error": "sold out"}`},
		{"an answer that output cannot read", toolfile.HTTPTool{URL: "URL/items", Output: "sum(body.items)"}, ordinaut.ClassInvalidOutput, ordinaut.CodeExprType, "the answer cannot be read by the tool's output: "},
		{"an answer that success cannot read", toolfile.HTTPTool{URL: "URL/items", Success: "sum(body.items) > `1`"}, ordinaut.ClassInvalidOutput, ordinaut.CodeExprType, "the answer cannot be read by the tool's success: "},
		{"a null inside a text", toolfile.HTTPTool{URL: "URL/items", Headers: map[string]string{"X-A": "Bearer secret ${id}"}}, ordinaut.ClassInvalidInput, ordinaut.CodeExprNull, "shop.items, at /headers/X-A: column 17, “id”: null cannot stand inside a text: "},
		{"a header with two lines", toolfile.HTTPTool{URL: "URL/items", Headers: map[string]string{"X-A": "${lines}"}}, ordinaut.ClassInvalidInput, ordinaut.CodeFieldValue, "shop.items, at /headers/X-A: the header X-A holds a line break"},
		{"a redirect to where it may not go", toolfile.HTTPTool{URL: "URL/here"}, ordinaut.ClassToolError, ordinaut.CodeEgressDenied, "shop.items: 10.0.0.1 is a private address"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.tool.InputSchema = schemaOf("id", "lines")
			_, err := call(t, server, tt.tool, `{"lines": "a\nb"}`)
			var f *tool.Failure
			if !errors.As(err, &f) {
				t.Fatalf("got %v, want a failure", err)
			}
			if f.Err.Code != tt.code || !strings.HasPrefix(f.Err.Message, tt.message) || f.Err.Fix == "" || f.Err.At != "" {
				t.Errorf("got %s %+v, want %s %q", f.Class, f.Err, tt.code, tt.message)
			}
			if tt.code != ordinaut.CodeEgressDenied && f.Class != tt.class {
				t.Errorf("got class %s, want %s", f.Class, tt.class)
			}
			if strings.Contains(fmt.Sprintf("%+v", f.Err), "secret") {
				t.Errorf("got %+v, want nothing of the header's text", f.Err)
			}
		})
	}
}

func TestACallThatMayHaveBeenCarriedOutIsInDoubt(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	t.Cleanup(server.Close)
	for method, want := range map[string]bool{"POST": true, "GET": false} {
		_, err := call(t, server, toolfile.HTTPTool{URL: "URL/items", Method: method}, `{}`)
		if f := tool.FailureOf(err); f.Doubt != want || f.Err.Code != ordinaut.CodeEgressFailed || !strings.HasPrefix(f.Err.Message, "shop.items: ") {
			t.Errorf("%s: got %+v, want egress.failed of the tool with doubt: %t", method, f, want)
		}
	}
}

func TestAToolIsListedAsItIsWritten(t *testing.T) {
	t.Parallel()
	made := toolfile.HTTPTool{
		Address: "shop.items", Title: "Items", Description: "Lists items.", URL: "https://example.com/",
		InputSchema: schemaOf("id"), OutputSchema: json.RawMessage(`{}`), ReadOnly: true, Idempotent: true,
	}
	transport, err := httpcall.New(made, egress.Options{})
	if err != nil {
		t.Fatal(err)
	}
	listed, err := transport.Tools(t.Context())
	want := []ordinaut.Tool{{
		Address: "shop.items", Title: "Items", Description: "Lists items.",
		InputSchema: made.InputSchema, OutputSchema: made.OutputSchema, ReadOnly: true, Idempotent: true,
	}}
	if diff := cmp.Diff(want, listed); diff != "" || err != nil {
		t.Errorf("tools (-want +got): %v\n%s", err, diff)
	}
}
