package tool

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/ordinaut/ordinaut"
)

// Server is the tools of one configured server.
type Server struct {
	Name string // what the addresses of its tools begin with
	Transport
	Known  []ordinaut.Tool // as they were listed some other time, so that it need not be started to list them
	Beside bool            // where tools that are always there have this name, they stay
}

// Lesson is what the catalog learned when a server listed its tools.
type Lesson struct {
	Server  string
	Tools   []ordinaut.Tool // as the server listed them
	Changed []string        // addresses of tools that are no longer what they were
	Gone    []string        // addresses of tools that are no longer there
	Refused map[string]error
}

// host is a server with what is known of it. Its catalog's lock guards it.
type host struct {
	Server
	entries map[string]entry // nil until it was listed
	refused map[string]error // tools that cannot be used
	fresh   bool             // it was listed since it was configured
	fault   error            // why it could not be listed last time
	turn    chan struct{}    // held by who lists it
}

// hostView is a host as a listing sees it.
type hostView struct {
	host   *host
	listed bool
	fresh  bool
	fault  error
}

// unreached is the error about a tool of a server that was never reached.
func (v hostView) unreached(address string) *ordinaut.Error {
	e := &ordinaut.Error{
		Code: ordinaut.CodeToolUnavailable, Sent: address,
		Message: fmt.Sprintf("%s has not answered yet, so nobody can say whether it has this tool", v.host.Name),
		Fix:     "see what ordinaut tools test " + v.host.Name + " says",
	}
	if v.fault != nil {
		e.Message = fmt.Sprintf("%s cannot be reached: %s", v.host.Name, ordinaut.AsError(v.fault).Message)
		e.Err = v.fault
	}
	return e
}

// hostOf is the server that an address belongs to: the one with the longest name
// that the address begins with. The hosts are in that order.
func hostOf(hosts []*host, address string) *host {
	for _, h := range hosts {
		if strings.HasPrefix(address, h.Name+".") {
			return h
		}
	}
	return nil
}

func viewOf(views []hostView, address string) *hostView {
	for i, v := range views {
		if strings.HasPrefix(address, v.host.Name+".") {
			return &views[i]
		}
	}
	return nil
}

// OnLesson sets what is told whenever a server has listed its tools. It is set
// before the first server is there.
func (c *Catalog) OnLesson(learned func(Lesson)) { c.learned = learned }

// Serve sets which servers there are. One whose transport was there before keeps
// what is known of it. Where a server has the name of tools that are always
// there, it takes their place, unless it says to stand beside them.
func (c *Catalog) Serve(servers ...Server) {
	c.mu.Lock()
	defer c.mu.Unlock()
	was := c.hosts
	c.hosts = nil
	for _, s := range servers {
		i := slices.IndexFunc(was, func(h *host) bool { return h.Name == s.Name && h.Transport == s.Transport })
		if i >= 0 {
			c.hosts = append(c.hosts, was[i])
			continue
		}
		h := &host{Server: s, turn: make(chan struct{}, 1)}
		if s.Known != nil {
			h.take(s.Known)
		}
		c.hosts = append(c.hosts, h)
	}
	slices.SortStableFunc(c.hosts, func(a, b *host) int { return len(b.Name) - len(a.Name) })
	c.relist()
}

// take makes the tools those of the host, without the ones that cannot be used.
func (h *host) take(tools []ordinaut.Tool) {
	h.entries, h.refused = map[string]entry{}, map[string]error{}
	for _, t := range tools {
		e, err := newEntry(t, h.Transport)
		if _, twice := h.entries[t.Address]; twice {
			continue
		}
		if err == nil && !strings.HasPrefix(t.Address, h.Name+".") {
			err = errors.New("the address is not the server's")
		}
		if err != nil {
			h.refused[t.Address] = err
			continue
		}
		h.entries[t.Address] = e
	}
}

// Learn replaces what is listed of the server with this transport.
func (c *Catalog) Learn(t Transport, tools []ordinaut.Tool) {
	c.mu.Lock()
	i := slices.IndexFunc(c.hosts, func(h *host) bool { return h.Transport == t })
	if i < 0 {
		c.mu.Unlock()
		return
	}
	h := c.hosts[i]
	was := h.entries
	h.take(tools)
	h.fresh, h.fault = true, nil
	lesson := Lesson{Server: h.Name, Tools: tools, Refused: maps.Clone(h.refused)}
	for address, e := range was {
		switch now, still := h.entries[address]; {
		case !still:
			lesson.Gone = append(lesson.Gone, address)
		case now.fingerprint != e.fingerprint:
			lesson.Changed = append(lesson.Changed, address)
		}
	}
	slices.Sort(lesson.Gone)
	slices.Sort(lesson.Changed)
	c.relist()
	c.mu.Unlock()
	c.learned(lesson)
}

// refresh lists the tools of a server, unless somebody else has just done so.
func (c *Catalog) refresh(ctx context.Context, h *host) error {
	select {
	case h.turn <- struct{}{}:
		defer func() { <-h.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if slices.ContainsFunc(c.listing.Load().hosts, func(v hostView) bool { return v.host == h && v.fresh }) {
		return nil
	}
	tools, err := h.Tools(ctx)
	if err == nil {
		c.Learn(h.Transport, tools)
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	h.fault = err
	c.relist()
	return err
}

// Look lists the servers that the addresses belong to, as far as they were not
// listed yet and can be reached in the time there is. Without addresses it lists
// all. What could not be reached, Find says.
func (c *Catalog) Look(ctx context.Context, addresses ...string) {
	var missing []*host
	l := c.listing.Load()
	for _, v := range l.hosts {
		if !v.listed && len(addresses) == 0 {
			missing = append(missing, v.host)
		}
	}
	for _, a := range addresses {
		_, there := l.tools[a]
		if v := viewOf(l.hosts, a); v != nil && !there && !slices.Contains(missing, v.host) {
			missing = append(missing, v.host)
		}
	}
	var all sync.WaitGroup
	for _, h := range missing {
		all.Go(func() { _ = c.refresh(ctx, h) }) // kept as the host's fault
	}
	all.Wait()
}
