package facetest

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/ordinaut/ordinaut/internal/op"
)

// CheckOpenAPI fails for everything that OpenAPIFaults finds.
func CheckOpenAPI(t *testing.T, set *op.Set, document []byte) {
	t.Helper()
	for _, f := range OpenAPIFaults(set, document) {
		t.Error(f)
	}
}

// OpenAPIFaults lists where an OpenAPI document is not sound: a reference that
// leads nowhere, a schema that does not compile, an operation that is missing, a
// path whose parameters are not described, or an example that its own schema
// refuses.
func OpenAPIFaults(set *op.Set, document []byte) []string {
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(document))
	root, ok := v.(map[string]any)
	if err != nil || !ok {
		return []string{"the document is no JSON object"}
	}
	c := &checker{set: set, root: root}
	if version, _ := root["openapi"].(string); !strings.HasPrefix(version, "3.1.") {
		c.fault("got version %q, want 3.1", version)
	}
	c.references(root)
	c.paths()
	c.schemas()
	slices.Sort(c.faults)
	return c.faults
}

// checker looks through one document.
type checker struct {
	set    *op.Set
	root   map[string]any
	faults []string
}

func (c *checker) fault(format string, args ...any) {
	c.faults = append(c.faults, fmt.Sprintf(format, args...))
}

// references walks the document.
func (c *checker) references(v any) {
	switch v := v.(type) {
	case map[string]any:
		if ref, ok := v["$ref"].(string); ok && at(c.root, ref) == nil {
			c.fault("the reference %s leads nowhere", ref)
		}
		for _, one := range v {
			c.references(one)
		}
	case []any:
		for _, one := range v {
			c.references(one)
		}
	}
}

// at follows a reference inside the document.
func at(root map[string]any, ref string) any {
	var v any = root
	for part := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
		object, _ := v.(map[string]any)
		v = object[part]
	}
	return v
}

// paths compares the paths with the operations.
func (c *checker) paths() {
	ids := map[any]string{}
	paths := child(c.root, "paths")
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		item := child(paths, path)
		for _, method := range slices.Sorted(maps.Keys(item)) {
			o, where := child(item, method), strings.ToUpper(method)+" "+path
			if was := ids[o["operationId"]]; was != "" {
				c.fault("%s and %s are both called %v", was, where, o["operationId"])
			}
			ids[o["operationId"]] = where
			c.parameters(where, path, o)
			if responses := child(o, "responses"); responses["default"] == nil || len(responses) < 2 {
				c.fault("%s does not say how it is answered, well and badly", where)
			}
		}
	}
	for _, o := range c.set.All() {
		for _, route := range append([]string{o.Method + " " + o.Path}, o.Aliases...) {
			method, path, _ := strings.Cut(route, " ")
			if child(paths, path)[strings.ToLower(method)] == nil {
				c.fault("%s is not described", route)
			}
		}
	}
}

// parameters compares a path with the parameters that are said to stand
// in it.
func (c *checker) parameters(where, path string, o map[string]any) {
	list, _ := o["parameters"].([]any)
	inPath := 0
	for _, v := range list {
		p, _ := v.(map[string]any)
		name, _ := p["name"].(string)
		if p["schema"] == nil {
			c.fault("%s: the parameter %s has no schema", where, name)
		}
		if p["in"] != "path" {
			continue
		}
		inPath++
		if !strings.Contains(path, "{"+name+"}") || p["required"] != true {
			c.fault("%s: the parameter %s does not stand in the path, or is not required", where, name)
		}
	}
	if want := strings.Count(path, "{"); inPath != want {
		c.fault("%s: %d parameters of the path are described, want %d", where, inPath, want)
	}
}

// schemas compiles every schema and holds the examples against them.
func (c *checker) schemas() {
	const document = "urn:ordinaut:openapi"
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource(document, c.root); err != nil {
		c.fault("the document cannot be read: %v", err)
		return
	}
	schemas := child(child(c.root, "components"), "schemas")
	for name := range schemas {
		if _, err := compiler.Compile(document + "#/components/schemas/" + name); err != nil {
			c.fault("the schema %s does not compile: %v", name, err)
		}
	}
	for _, o := range c.set.All() {
		if len(o.Example) == 0 {
			continue
		}
		example, err := jsonschema.UnmarshalJSON(bytes.NewReader(o.Example))
		if err != nil {
			c.fault("the example of %s is not JSON: %v", o.Name, err)
			continue
		}
		s, err := compiler.Compile(document + "#/components/schemas/" + o.Name + ".request")
		if err != nil {
			continue // said above
		}
		if err := s.Validate(example); err != nil {
			c.fault("the example of %s does not fit its schema: %v", o.Name, err)
		}
	}
}

// child is the object in a field, empty when there is none.
func child(object map[string]any, name string) map[string]any {
	inner, _ := object[name].(map[string]any)
	return inner
}
