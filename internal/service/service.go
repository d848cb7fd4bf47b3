// Package service is what one may ask of Ordinaut: one file per noun, and ops.go
// as the table of contents. A method checks what was asked, decides with the
// pure rooms what it means, and writes it to the store under the envelope that
// package op has filled. Who asks and whether they may is settled before.
package service

import (
	"cmp"
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/tool"
)

// Options is what the service works with.
type Options struct {
	Store   ordinaut.Store
	Tools   *tool.Catalog
	Servers ToolServers // that are configured; nil is none
	Zone    string      // of schedules that name none
	Version string      // of the binary

	// Link is where people decide about a step that asks for approval, without a
	// token; nil is nowhere.
	Link func(run ordinaut.RunID, path string) string
}

// Service does the operations.
type Service struct {
	store   ordinaut.Store
	probes  ordinaut.Probes // how conditions stand; nil is nowhere
	tools   *tool.Catalog
	servers ToolServers
	zone    string
	version string
	link    func(ordinaut.RunID, string) string
}

// New makes a service. Without a Store it can do the pure operations only.
func New(o Options) *Service {
	if o.Servers == nil {
		o.Servers = noServers{}
	}
	probes, _ := o.Store.(ordinaut.Probes)
	if o.Store != nil {
		o.Store = sparing{o.Store}
	}
	return &Service{store: o.Store, probes: probes, tools: o.Tools, servers: o.Servers, zone: cmp.Or(o.Zone, "UTC"), version: o.Version, link: o.Link}
}

// now is the store's clock; that of the process where there is no store.
func (s *Service) now(ctx context.Context) (time.Time, error) {
	if s.store == nil {
		return time.Now(), nil
	}
	return s.store.Now(ctx)
}

// newID makes ids that sort by the time they were made.
func newID() string { return uuid.Must(uuid.NewV7()).String() }
