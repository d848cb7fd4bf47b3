package toolfile

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// tools reads the HTTP tools.
func (r *reader) tools(root node) (tools []HTTPTool) {
	for _, f := range toolsIn(root) {
		tools = append(tools, r.tool(f))
	}
	if len(tools) > limits.ToolsPerServer {
		r.fault(node{at: toolsAt}, fmt.Sprintf("the file has %d HTTP tools, and at most %d are kept", len(tools), limits.ToolsPerServer), "remove some")
	}
	return tools
}

// toolsIn lists the HTTP tools of a file. Other clients have a field of that
// name, too, but nothing in it that has an address or a URL.
func toolsIn(root node) (found object) {
	all, _ := root.object().get(strings.TrimPrefix(toolsAt, "/"))
	for _, f := range all.object() {
		_, hasURL := f.object().get("url")
		if _, isObject := f.value.(object); isObject && (hasURL || strings.Contains(f.name, ".")) {
			found = append(found, f)
		}
	}
	return found
}

// tool reads one HTTP tool. Its fields are ours alone, so none is left unread.
func (r *reader) tool(f field) HTTPTool {
	e := &entry{reader: r, node: f.node, what: "tool " + f.name}
	fault := checkName("tool", f.name)
	if fault == nil && !strings.Contains(f.name, ".") {
		fault = &ordinaut.Error{
			Code: ordinaut.CodeToolsName, Sent: f.name, Message: fmt.Sprintf("%q is not an address", f.name),
			Fix: "give the tool two names with a dot between them", Examples: []string{"my." + f.name},
		}
	}
	if fault != nil {
		fault.At, fault.Message = f.at, fault.Message+r.line(f.node)
		r.faults.Add(fault)
	}
	t := HTTPTool{
		Address: f.name, Title: e.text("title"), Description: e.text("description"),
		Method: e.text("method"), URL: e.text("url"), Headers: e.table("headers"), Query: e.table("query"),
		Output: e.text("output"), Success: e.text("success"),
		KeyHeader: e.text("idempotency_header"), Allow: e.list("allow"),
	}
	if body, ok := e.find("body"); ok {
		t.Body = body.raw()
	}
	t.InputSchema, t.OutputSchema = e.schema("input_schema"), e.schema("output_schema")
	e.method(&t)
	e.unread(true)
	e.check(t)
	return t
}

// schema reads a field that is a JSON Schema.
func (e *entry) schema(name string) []byte {
	f, ok := e.find(name)
	if !ok {
		return nil
	}
	switch f.value.(type) {
	case object, bool:
		return f.raw()
	}
	e.wrong(f, "a JSON Schema", fmt.Sprintf(`%q: {"type": "object"}`, name))
	return nil
}

// method completes the method, and what HTTP says of it (RFC 9110, section
// 9.2): a safe one changes nothing, and an idempotent one nothing more.
func (e *entry) method(t *HTTPTool) {
	methods := []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}
	given := t.Method
	switch t.Method = strings.ToUpper(given); {
	case t.Method == "" && t.Body != nil:
		t.Method = "POST"
	case t.Method == "":
		t.Method = "GET"
	case !slices.Contains(methods, t.Method):
		f, _ := e.object().get("method")
		e.fault(f.node, fmt.Sprintf("%s: there is no method %q", e.what, given), "use one of "+strings.Join(methods, ", "))
	}
	safe := t.Method == "GET" || t.Method == "HEAD"
	t.ReadOnly, t.Idempotent = safe, safe || t.Method == "PUT" || t.Method == "DELETE"
	if value, given := e.truth("read_only"); given {
		t.ReadOnly = value
	}
	if value, given := e.truth("idempotent"); given {
		t.Idempotent = value
	}
}

// check finds what would fail in every call. The templates and expressions are
// for whoever makes the calls to read.
func (e *entry) check(t HTTPTool) {
	if t.URL == "" {
		e.fault(e.node, e.what+" has no url", "say where the request goes", `"url": "https://api.example.com/items/${id}"`)
	}
	for _, name := range slices.Sorted(maps.Keys(t.Headers)) {
		if !sendable(name, t.Headers[name]) {
			e.fault(e.node, fmt.Sprintf("%s: the header %q cannot be sent", e.what, name), "a header's name is one word, and its value one line")
		}
	}
	if t.KeyHeader != "" && !sendable(t.KeyHeader, "") {
		e.fault(e.node, fmt.Sprintf("%s: %q cannot be the name of a header", e.what, t.KeyHeader), "give it one word", "Idempotency-Key")
	}
}
