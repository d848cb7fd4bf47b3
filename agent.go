package ordinaut

import (
	"context"
	"slices"
	"time"
)

// AgentID names an agent; a UUIDv7.
type AgentID string

// Agent is who asks: a person, an AI agent or a service, with the scopes it
// holds.
type Agent struct {
	ID        AgentID
	Name      string
	Kind      AgentKind
	Scopes    []Scope
	CreatedAt time.Time
}

// AgentKind says what sort of caller an agent is.
type AgentKind string

// The kinds of agent.
const (
	AgentPerson  AgentKind = "person"
	AgentAI      AgentKind = "agent"
	AgentService AgentKind = "service"
)

// Scope is one thing an agent may do, as noun:verb.
type Scope string

// The scopes that operations ask for. ScopeAdmin contains all others; ScopeNone
// marks an operation that anyone may call.
const (
	ScopeNone          Scope = ""
	ScopeAdmin         Scope = "admin"
	ScopeTasksRead     Scope = "tasks:read"
	ScopeTasksWrite    Scope = "tasks:write"
	ScopeRunsRead      Scope = "runs:read"
	ScopeRunsControl   Scope = "runs:control"
	ScopeToolsRead     Scope = "tools:read"
	ScopeToolsCall     Scope = "tools:call"
	ScopeEventsRead    Scope = "events:read"
	ScopeEventsPublish Scope = "events:publish"
	ScopeWebhooksRead  Scope = "webhooks:read"
	ScopeWebhooksWrite Scope = "webhooks:write"
)

// May says whether the agent holds the scope.
func (a Agent) May(s Scope) bool {
	return s == ScopeNone || slices.Contains(a.Scopes, s) || slices.Contains(a.Scopes, ScopeAdmin)
}

type agentKey struct{}

// WithAgent returns a context in which the agent is the caller.
func WithAgent(ctx context.Context, a Agent) context.Context {
	return context.WithValue(ctx, agentKey{}, a)
}

// AgentFrom is the caller, and whether there is one.
func AgentFrom(ctx context.Context) (Agent, bool) {
	a, ok := ctx.Value(agentKey{}).(Agent)
	return a, ok
}
