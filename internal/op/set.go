package op

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/ordinaut/ordinaut/internal/schema"
)

// refPrefix is where the schemas of requests and results stand in the OpenAPI
// document.
const refPrefix = "#/components/schemas/"

// Set is a list of operations with their schemas compiled: what a face is
// handed.
type Set struct {
	ops      []*Op
	registry huma.Registry
	checks   map[string]*schema.Schema
}

// NewSet compiles the schemas of the operations. An error is a mistake in their
// description.
func NewSet(ops ...Op) (*Set, error) {
	s := &Set{
		registry: huma.NewMapRegistry(refPrefix, huma.DefaultSchemaNamer),
		checks:   map[string]*schema.Schema{},
	}
	for i := range ops {
		o := &ops[i]
		if s.Find(o.Name) != nil {
			return nil, fmt.Errorf("operation %s is described twice", o.Name)
		}
		s.ops = append(s.ops, o)
		s.registry.Map()[requestName(o)] = s.requestSchema(o)
		s.registry.Schema(o.result, true, o.Name+"Result")
	}
	doc, err := json.Marshal(map[string]any{"components": map[string]any{"schemas": s.registry}})
	if err != nil {
		return nil, fmt.Errorf("write the schemas: %w", err)
	}
	schemas, err := schema.Open(doc)
	if err != nil {
		return nil, fmt.Errorf("read the schemas: %w", err)
	}
	for _, o := range s.ops {
		if s.checks[o.Name], err = schemas.Schema(strings.TrimPrefix(refPrefix, "#") + requestName(o)); err != nil {
			return nil, fmt.Errorf("compile the schema of %s: %w", o.Name, err)
		}
	}
	return s, nil
}

// All lists the operations in the order they were described.
func (s *Set) All() []*Op { return s.ops }

// Find is the operation of that name, or nil.
func (s *Set) Find(name string) *Op {
	for _, o := range s.ops {
		if o.Name == name {
			return o
		}
	}
	return nil
}

// RequestSchema is the schema of everything the operation takes, wherever it
// travels.
func (s *Set) RequestSchema(o *Op) *huma.Schema { return s.registry.Map()[requestName(o)] }

// ResultSchema is the schema of what the operation gives, by reference.
func (s *Set) ResultSchema(o *Op) *huma.Schema {
	return s.registry.Schema(o.result, true, o.Name+"Result")
}

// Registry holds every schema by name.
func (s *Set) Registry() huma.Registry { return s.registry }

func requestName(o *Op) string { return o.Name + ".request" }

// requestSchema is the schema of the request's type. A partial one asks for
// nothing but what stands in the path.
func (s *Set) requestSchema(o *Op) *huma.Schema {
	whole := *s.registry.Schema(o.request, false, o.Name+"Request")
	delete(s.registry.Map(), huma.DefaultSchemaNamer(o.request, ""))
	if o.Partial {
		whole.Required = slices.Clone(o.PathFields())
	}
	whole.Description = o.Summary
	return &whole
}
