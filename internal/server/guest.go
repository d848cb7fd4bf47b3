package server

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"time"

	"github.com/google/uuid"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/auth"
	"github.com/ordinaut/ordinaut/internal/face/rest"
)

// openToGuests lets people decide by links. Who follows one acts as an agent
// that has no key, and may do no more than that.
func openToGuests(ctx context.Context, s Settings, store ordinaut.Store) (*rest.Guests, error) {
	secret, err := store.Secret(ctx, "links")
	if err != nil {
		return nil, fmt.Errorf("read the secret of links: %w", err)
	}
	guest, err := store.EnsureAgent(ctx, ordinaut.Agent{
		ID: ordinaut.AgentID(uuid.Must(uuid.NewV7()).String()), Name: auth.LinkAgent, Kind: ordinaut.AgentPerson,
		Scopes: []ordinaut.Scope{ordinaut.ScopeRunsRead, ordinaut.ScopeRunsControl}, CreatedAt: time.Now(),
	})
	if err != nil {
		return nil, fmt.Errorf("find the agent of links: %w", err)
	}
	return &rest.Guests{Links: auth.NewLinks(s.PublicURL, secret), Agent: guest}, nil
}

// reachableAt is the URL of an address that is listened on. One that stands for
// all addresses of this computer is none to go to.
func reachableAt(a net.Addr) string {
	if tcp, ok := a.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		return fmt.Sprintf("http://localhost:%d", tcp.Port)
	}
	return "http://" + a.String()
}

// checkPublicURL refuses an address that no link can begin with.
func checkPublicURL(sent string) error {
	if sent == "" {
		return nil
	}
	u, err := url.Parse(sent)
	if err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != "" && u.User == nil && u.RawQuery == "" && u.Fragment == "" {
		return nil
	}
	return &ordinaut.Error{
		Code: ordinaut.CodeFieldValue, At: "/public_url", Sent: sent,
		Message: "links cannot begin with this",
		Fix:     "give the URL at which people reach the server", Examples: []string{"https://ordinaut.example.com"}, Err: err,
	}
}
