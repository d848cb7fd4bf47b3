package tool

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/schema"
)

// Catalog is every tool that can be called, by its address. It never changes,
// and many goroutines may use it at once.
type Catalog struct {
	tools     map[string]entry
	addresses []string // in order
}

// entry is one tool with what is needed to call it.
type entry struct {
	ordinaut.Tool
	input  *schema.Schema // nil accepts anything
	output *schema.Schema // nil accepts anything
	caller Caller
}

var address = regexp.MustCompile(`^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+$`)

// New makes the catalog of all tools of the transports. A tool whose address is
// malformed or taken, or whose schemas cannot be used, is an error.
func New(ctx context.Context, transports ...Transport) (*Catalog, error) {
	c := &Catalog{tools: map[string]entry{}}
	for _, t := range transports {
		tools, err := t.Tools(ctx)
		if err != nil {
			return nil, fmt.Errorf("list tools: %w", err)
		}
		for _, tool := range tools {
			if err := c.add(tool, t); err != nil {
				return nil, fmt.Errorf("add tool %s: %w", tool.Address, err)
			}
		}
	}
	c.addresses = slices.Sorted(maps.Keys(c.tools))
	return c, nil
}

func (c *Catalog) add(t ordinaut.Tool, caller Caller) error {
	if !address.MatchString(t.Address) {
		return fmt.Errorf("the address is not of the form server.tool")
	}
	if _, taken := c.tools[t.Address]; taken {
		return fmt.Errorf("the address is taken")
	}
	e := entry{Tool: t, caller: caller}
	var err error
	if e.input, err = compile(t.InputSchema); err != nil {
		return fmt.Errorf("input schema: %w", err)
	}
	if e.output, err = compile(t.OutputSchema); err != nil {
		return fmt.Errorf("output schema: %w", err)
	}
	c.tools[t.Address] = e
	return nil
}

// compile compiles a schema, if there is one.
func compile(raw []byte) (*schema.Schema, error) {
	if len(raw) == 0 {
		return nil, nil
	}
	return schema.Compile(raw)
}

// List gives all tools, ordered by address.
func (c *Catalog) List() []ordinaut.Tool {
	tools := make([]ordinaut.Tool, len(c.addresses))
	for i, a := range c.addresses {
		tools[i] = c.tools[a].Tool
	}
	return tools
}

// Tool finds a tool, and says whether there is one.
func (c *Catalog) Tool(address string) (ordinaut.Tool, bool) {
	e, ok := c.tools[address]
	return e.Tool, ok
}

// Nearest is the address that was most likely meant, or "".
func (c *Catalog) Nearest(address string) string {
	return ordinaut.Nearest(address, c.addresses)
}

// CheckInput says what in the arguments of a tool does not fit, before it is
// called. Parts that are not known yet are schema.Unknown. Of a tool that does
// not exist it says nothing.
func (c *Catalog) CheckInput(address string, args any) ordinaut.Errors {
	e, ok := c.tools[address]
	if !ok || e.input == nil {
		return nil
	}
	return e.misfits(e.input.Validate(args))
}

// misfits makes the faults of arguments faults about the tool.
func (e entry) misfits(faults ordinaut.Errors) ordinaut.Errors {
	for _, f := range faults {
		f.Code = ordinaut.CodeToolInput
		f.Message = e.Address + ": " + f.Message
		if len(f.Examples) == 0 && len(e.Examples) > 0 {
			f.Examples = []string{string(e.Examples[0].Input)}
		}
	}
	return faults
}
