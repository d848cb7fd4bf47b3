package tool

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/ordinaut/ordinaut"
)

// Catalog is every tool that can be called, by its address: those that are
// always there, and those of the servers that are configured. Many goroutines may
// use it at once. What it lists is replaced as a whole, so a reader sees one
// state of it.
type Catalog struct {
	learned func(Lesson)

	mu    sync.Mutex // guards fixed, hosts and what they know
	fixed map[string]entry
	hosts []*host // the longest name first

	listing atomic.Pointer[listing]

	large sync.Mutex // held while a large output is checked
}

// listing is what the catalog lists at one time.
type listing struct {
	revision  uint64
	tools     map[string]entry
	addresses []string // in order
	refused   map[string]error
	hosts     []hostView // the longest name first
}

// New makes the catalog of the tools that are always there. A tool whose address
// is malformed or taken, or whose schemas cannot be used, is an error.
func New(ctx context.Context, transports ...Transport) (*Catalog, error) {
	c := &Catalog{fixed: map[string]entry{}, learned: func(Lesson) {}}
	return c, c.Add(ctx, transports...)
}

// Add adds tools that are always there, such as those that could only be made
// when the catalog itself was known.
func (c *Catalog) Add(ctx context.Context, transports ...Transport) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, t := range transports {
		tools, err := t.Tools(ctx)
		if err != nil {
			return fmt.Errorf("list tools: %w", err)
		}
		for _, tool := range tools {
			e, err := newEntry(tool, t)
			e.fingerprint = ""
			if _, taken := c.fixed[tool.Address]; taken {
				err = errors.New("the address is taken")
			}
			if err != nil {
				return fmt.Errorf("add tool %s: %w", tool.Address, err)
			}
			c.fixed[tool.Address] = e
		}
	}
	c.relist()
	return nil
}

// relist puts together what is listed now. Whoever calls it holds the lock, or
// is the only one yet.
func (c *Catalog) relist() {
	l := &listing{tools: map[string]entry{}, refused: map[string]error{}}
	if last := c.listing.Load(); last != nil {
		l.revision = last.revision + 1
	}
	for address, e := range c.fixed {
		if h := hostOf(c.hosts, address); h == nil || h.Beside {
			l.tools[address] = e
		}
	}
	for _, h := range c.hosts {
		l.hosts = append(l.hosts, hostView{host: h, listed: h.entries != nil, fresh: h.fresh, fault: h.fault})
		for address, e := range h.entries {
			// A longer name may own an address that a shorter one lists.
			if hostOf(c.hosts, address) == h {
				l.tools[address] = e
			}
		}
		maps.Copy(l.refused, h.refused)
	}
	l.addresses = slices.Sorted(maps.Keys(l.tools))
	c.listing.Store(l)
}

// Revision grows with every change of what the catalog lists.
func (c *Catalog) Revision() uint64 { return c.listing.Load().revision }

// List gives all tools, ordered by address.
func (c *Catalog) List() []ordinaut.Tool {
	l := c.listing.Load()
	tools := make([]ordinaut.Tool, len(l.addresses))
	for i, a := range l.addresses {
		tools[i] = l.tools[a].Tool
	}
	return tools
}

// Find finds a tool by its address. The error says that there is none, or, with
// an error of the kind unavailable, that nobody can know, because the server of
// that name was never reached.
func (c *Catalog) Find(address string) (ordinaut.Tool, error) {
	e, err := c.listing.Load().find(address)
	return e.Tool, err
}

func (l *listing) find(address string) (entry, error) {
	if e, ok := l.tools[address]; ok {
		return e, nil
	}
	if err := l.refused[address]; err != nil {
		return entry{}, &ordinaut.Error{
			Code: ordinaut.CodeToolNotFound, Sent: address,
			Message: fmt.Sprintf("the tool %s cannot be used: %s", address, ordinaut.AsError(err).Message),
			Fix:     "tell whoever makes the tool, or use another one", Err: err,
		}
	}
	if v := viewOf(l.hosts, address); v != nil && !v.listed {
		return entry{}, v.unreached(address)
	}
	return entry{}, l.notFound(address)
}

// notFound is the error about an address that no tool has.
func (l *listing) notFound(address string) *ordinaut.Error {
	e := &ordinaut.Error{
		Code: ordinaut.CodeToolNotFound, Sent: address,
		Message: fmt.Sprintf("there is no tool %q", address),
		Fix:     "list the tools and use an address from there",
	}
	if near := ordinaut.Nearest(address, l.addresses); near != "" {
		e.Fix, e.Examples = fmt.Sprintf("did you mean %s?", near), []string{near}
		return e
	}
	server, _, _ := strings.Cut(address, ".")
	if v := viewOf(l.hosts, address); v != nil {
		server = v.host.Name
	}
	var beside []string
	for _, a := range l.addresses {
		if strings.HasPrefix(a, server+".") {
			beside = append(beside, a)
		}
	}
	if len(beside) > 0 {
		e.Fix, e.Examples = "use a tool that "+server+" has", beside[:min(len(beside), 5)]
	}
	return e
}

// CheckInput says what in the arguments of a tool does not fit, before it is
// called. Parts that are not known yet are schema.Unknown. Of a tool that is not
// listed it says nothing.
func (c *Catalog) CheckInput(address string, args any) ordinaut.Errors {
	e, ok := c.listing.Load().tools[address]
	if !ok || e.input == nil {
		return nil
	}
	return e.misfits(e.input.Validate(args))
}

// Fingerprint stands for the definition of a server's tool. It is "" for tools
// that are always there, which change only with the program, and for those that
// are not listed.
func (c *Catalog) Fingerprint(address string) string {
	return c.listing.Load().tools[address].fingerprint
}

// Drift says how a tool differs from what it was when it had the fingerprint, if
// anybody can know.
func (c *Catalog) Drift(address, fingerprint string) *ordinaut.Error {
	e, err := c.listing.Load().find(address)
	switch {
	case err != nil && ordinaut.AsError(err).Kind() == ordinaut.KindUnavailable:
		return nil
	case err != nil:
		return ordinaut.AsError(err)
	case e.fingerprint == fingerprint:
		return nil
	}
	return &ordinaut.Error{
		Code: ordinaut.CodeToolChanged, Sent: fingerprint,
		Message: fmt.Sprintf("%s is no longer defined as it was when the task was checked", address),
		Fix:     "look at its definition, then store the task again to accept it",
	}
}
