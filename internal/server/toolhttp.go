package server

import (
	"context"
	"slices"
	"strings"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/egress"
	"github.com/ordinaut/ordinaut/internal/tool"
	"github.com/ordinaut/ordinaut/internal/tool/httpcall"
	"github.com/ordinaut/ordinaut/internal/toolfile"
)

// httpGroup is the HTTP tools of the catalog file that share a name before their
// last dot.
type httpGroup struct{ tools map[string]*httpcall.Tool }

// httpServers makes the HTTP tools of the catalog file. The error holds every
// fault, with its place in the file.
func httpServers(tools []toolfile.HTTPTool, o egress.Options) ([]tool.Server, error) {
	groups := map[string]*httpGroup{}
	var names []string
	var faults ordinaut.Errors
	for _, t := range tools {
		made, err := httpcall.New(t, o)
		if err != nil {
			for _, f := range ordinaut.AsError(err).All() {
				faults.Add(f.Under("/tools/" + ordinaut.PointerToken(t.Address)))
			}
			continue
		}
		name := t.Address[:strings.LastIndexByte(t.Address, '.')]
		if groups[name] == nil {
			groups[name] = &httpGroup{map[string]*httpcall.Tool{}}
			names = append(names, name)
		}
		groups[name].tools[t.Address] = made
	}
	if err := faults.Err(); err != nil {
		return nil, err
	}
	var servers []tool.Server
	for _, name := range names {
		known, _ := groups[name].Tools(context.Background()) // which never fails
		servers = append(servers, tool.Server{Name: name, Transport: groups[name], Known: known, Beside: true})
	}
	return servers, nil
}

// Tools lists the tools of the group.
func (g *httpGroup) Tools(ctx context.Context) (all []ordinaut.Tool, err error) {
	for _, t := range g.tools {
		listed, err := t.Tools(ctx)
		if err != nil {
			return nil, err
		}
		all = append(all, listed...)
	}
	slices.SortFunc(all, func(a, b ordinaut.Tool) int { return strings.Compare(a.Address, b.Address) })
	return all, nil
}

// Call calls a tool of the group.
func (g *httpGroup) Call(ctx context.Context, c tool.Call) (tool.Result, error) {
	return g.tools[c.Address].Call(ctx, c)
}
