package rest

import (
	"encoding/json"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/op"
)

// documents is the OpenAPI description in both notations.
type documents struct{ json, yaml []byte }

// describe writes the description.
func (f *face) describe() (d documents, err error) {
	api := openAPI(f.Ops, f.Version, f.healthRoutes())
	if f.Inlet != nil {
		api.AddOperation(hookOperation())
	}
	if d.json, err = encode(api); err != nil {
		return d, err
	}
	d.yaml, err = api.YAML()
	return d, err
}

func (f *face) serveOpenAPI(media string, pick func(documents) []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		d, err := f.openapi()
		if err != nil {
			f.fail(w, r, err)
			return
		}
		write(w, http.StatusOK, media, pick(d))
	}
}

const (
	bearer        = "bearer"
	problemName   = "problem"
	schemaPrefix  = "#/components/schemas/"
	problemPrefix = "#/components/responses/"
)

// openAPI makes the OpenAPI 3.1 document of the operations and of the health
// endpoints.
func openAPI(ops *op.Set, version string, health []healthRoute) *huma.OpenAPI {
	d := description{ops: ops, schemas: huma.NewMapRegistry(schemaPrefix, huma.DefaultSchemaNamer)}
	maps.Copy(d.schemas.Map(), ops.Registry().Map())
	d.api = &huma.OpenAPI{
		OpenAPI: "3.1.0",
		Info: &huma.Info{
			Title:       "Ordinaut",
			Version:     version,
			Description: "A durable scheduler and pipeline executor for AI agents. Every error is a problem document (RFC 9457) with a stable code, the place of each fault and what to do about it.",
			License:     &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"},
		},
		Servers:    []*huma.Server{{URL: "/"}},
		Security:   []map[string][]string{{bearer: {}}},
		Components: d.components(),
	}
	for _, one := range ops.All() {
		for i, r := range routesOf(one) {
			d.api.AddOperation(d.operation(r, i))
		}
	}
	for _, h := range health {
		d.api.AddOperation(healthOperation(h))
	}
	return d.api
}

// description is an OpenAPI document in the making.
type description struct {
	api     *huma.OpenAPI
	ops     *op.Set
	schemas huma.Registry
}

func (d description) components() *huma.Components {
	problem := d.schemas.Schema(reflect.TypeFor[problem](), true, problemName)
	return &huma.Components{
		Schemas: d.schemas,
		Responses: map[string]*huma.Response{problemName: {
			Description: "What is wrong, where, and how to mend it.",
			Content:     map[string]*huma.MediaType{"application/problem+json": {Schema: problem}},
		}},
		SecuritySchemes: map[string]*huma.SecurityScheme{bearer: {
			Type: "http", Scheme: "bearer", Description: "An API key: Authorization: Bearer ord_…",
		}},
	}
}

// operation describes the i-th route of an operation. Paths without a version
// are the original project's, kept for its clients.
func (d description) operation(r route, i int) *huma.Operation {
	o := &huma.Operation{
		OperationID: r.op.Name,
		Method:      r.method,
		Path:        r.path,
		Tags:        []string{r.op.Noun()},
		Summary:     r.op.Summary,
		Description: explained(r.op),
		Deprecated:  legacy(r.path),
		Parameters:  d.parameters(r),
		Responses:   d.responses(r),
	}
	if i > 0 {
		o.OperationID += ".alias" + strconv.Itoa(i)
	}
	if r.hasBody() {
		o.RequestBody = d.body(r)
	}
	return o
}

func explained(o *op.Op) string {
	text := o.Details
	if o.Scope != ordinaut.ScopeNone {
		text = strings.TrimSpace(text + "\n\nNeeds the scope `" + string(o.Scope) + "`.")
	}
	return text
}

// responses are the result under every status it can have, and the problem.
func (d description) responses(r route) map[string]*huma.Response {
	result := &huma.Response{Description: "Done."}
	if media := raw(r.op); media != "" {
		result.Description = "What the operation gives, as it is."
		result.Content = map[string]*huma.MediaType{media: {Schema: &huma.Schema{Type: huma.TypeString}}}
	} else if r.status() != http.StatusNoContent {
		result.Description = "What the operation gives."
		result.Content = map[string]*huma.MediaType{"application/json": {Schema: d.ops.ResultSchema(r.op)}}
	}
	all := map[string]*huma.Response{
		strconv.Itoa(r.status()): result,
		"default":                {Ref: problemPrefix + problemName},
	}
	if r.op.Result().Implements(reflect.TypeFor[statusCoder]()) {
		all["200"] = result
	}
	return all
}

// raw is the media type of a result that is not one JSON value; "" is one.
func raw(o *op.Op) string {
	switch o.Result() {
	case reflect.TypeFor[op.Events]():
		return eventStream
	case reflect.TypeFor[op.Content]():
		return "application/octet-stream"
	}
	return ""
}

// parameters are the fields in the path and, where there is no body, all others
// in the query.
func (d description) parameters(r route) []*huma.Param {
	schema, example := d.ops.RequestSchema(r.op), exampleOf(r.op)
	var params []*huma.Param
	add := func(name, in string) {
		field := schema.Properties[name]
		p := &huma.Param{Name: name, In: in, Schema: field, Required: in == "path" || slices.Contains(schema.Required, name)}
		if field != nil {
			p.Description = field.Description
		}
		if v, ok := example[name]; ok {
			p.Example = v
		}
		params = append(params, p)
	}
	inPath := r.fields()
	for _, name := range inPath {
		add(name, "path")
	}
	if r.hasBody() {
		return params
	}
	for _, name := range slices.Sorted(maps.Keys(schema.Properties)) {
		if !slices.Contains(inPath, name) {
			add(name, "query")
		}
	}
	return params
}

// body is the request without what stands in the path.
func (d description) body(r route) *huma.RequestBody {
	inPath, example := r.fields(), exampleOf(r.op)
	rest := *d.ops.RequestSchema(r.op)
	rest.Properties = maps.Clone(rest.Properties)
	for _, name := range inPath {
		delete(rest.Properties, name)
		delete(example, name)
	}
	rest.Required = slices.DeleteFunc(slices.Clone(rest.Required), func(name string) bool { return slices.Contains(inPath, name) })
	if len(rest.Properties) == 0 {
		return nil
	}
	name := r.op.Name + ".body"
	d.schemas.Map()[name] = &rest
	media := &huma.MediaType{Schema: &huma.Schema{Ref: schemaPrefix + name}}
	if len(example) > 0 {
		media.Example = example
	}
	return &huma.RequestBody{
		Required: len(rest.Required) > 0,
		Content:  map[string]*huma.MediaType{"application/json": media},
	}
}

// exampleOf is the example request by field.
func exampleOf(o *op.Op) map[string]json.RawMessage {
	fields := map[string]json.RawMessage{}
	if len(o.Example) > 0 {
		_ = json.Unmarshal(o.Example, &fields) // a test keeps the examples valid
	}
	return fields
}

func healthOperation(h healthRoute) *huma.Operation {
	return &huma.Operation{
		OperationID: "health" + strings.ReplaceAll(h.path, "/", "."),
		Method:      "GET",
		Path:        h.path,
		Tags:        []string{"health"},
		Summary:     h.summary,
		Security:    []map[string][]string{},
		Responses: map[string]*huma.Response{
			"200":     {Description: "As asked."},
			"default": {Ref: problemPrefix + problemName},
		},
	}
}
