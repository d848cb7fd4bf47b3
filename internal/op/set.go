package op

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"

	"github.com/ordinaut/ordinaut/internal/schema"
)

// refPrefix is where the schemas of requests and results stand in the OpenAPI
// document.
const refPrefix = "#/components/schemas/"

// Set is a list of operations with their schemas: what a face is handed.
type Set struct {
	ops      []*Op
	registry huma.Registry
	checks   checks
}

// NewSet makes a set of the operations. An error is a mistake in their
// description.
func NewSet(ops ...Op) (*Set, error) {
	s := &Set{registry: huma.NewMapRegistry(refPrefix, huma.DefaultSchemaNamer)}
	for i := range ops {
		o := &ops[i]
		if s.Find(o.Name) != nil {
			return nil, fmt.Errorf("operation %s is described twice", o.Name)
		}
		s.ops = append(s.ops, o)
		s.registry.Map()[requestName(o)] = s.requestSchema(o)
		s.registry.Schema(o.result, true, o.Name+"Result")
	}
	return s, nil
}

// Compile compiles the schema of every request, which else happens when an
// operation is first called: a start must not wait for what may never be asked.
func (s *Set) Compile() error {
	for _, o := range s.ops {
		if _, err := s.checks.of(s, o); err != nil {
			return err
		}
	}
	return nil
}

// checks are the compiled schemas of requests.
type checks struct {
	mu       sync.Mutex
	document *schema.Document
	compiled map[string]*schema.Schema
}

// of is the compiled schema of the operation's request.
func (c *checks) of(s *Set, o *Op) (*schema.Schema, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if compiled := c.compiled[o.Name]; compiled != nil {
		return compiled, nil
	}
	if c.document == nil {
		text, err := json.Marshal(map[string]any{"components": map[string]any{"schemas": s.registry}})
		if err != nil {
			return nil, fmt.Errorf("write the schemas: %w", err)
		}
		if c.document, err = schema.Open(text); err != nil {
			return nil, fmt.Errorf("read the schemas: %w", err)
		}
		c.compiled = map[string]*schema.Schema{}
	}
	compiled, err := c.document.Schema(strings.TrimPrefix(refPrefix, "#") + requestName(o))
	if err != nil {
		return nil, fmt.Errorf("compile the schema of %s: %w", o.Name, err)
	}
	c.compiled[o.Name] = compiled
	return compiled, nil
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
	if o.DryRun {
		whole.Properties = maps.Clone(whole.Properties)
		whole.Properties[dryRunField] = &huma.Schema{
			Type: huma.TypeBoolean, Description: "Only say what would become of it: everything is checked, and nothing is stored.",
		}
	}
	whole.Description = o.Summary
	return &whole
}

// dryRunField is the request's field that asks for a dry run.
const dryRunField = "dry_run"
