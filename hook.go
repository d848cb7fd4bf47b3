package ordinaut

import (
	"context"
	"time"
)

// Hook is a door by which another service tells of its events: what it sends is
// verified, and becomes an event of the log.
type Hook struct {
	Name        string // the end of its path
	Rev         int    // grows with every edit
	Description string
	Verify      HookVerify
	Header      string  // that brings the shared secret; "" is the bearer token
	Secrets     Secrets // that sender and hook share
	Map         HookMap
	Disabled    bool
	CreatedBy   AgentID // in whose name its events are published
	CreatedAt   time.Time
	UpdatedAt   time.Time
	Tally       HookTally
}

// HookVerify is how a hook knows who sends.
type HookVerify string

// The ways to verify a sender.
const (
	VerifyStandard HookVerify = "standard" // Standard Webhooks
	VerifyGitHub   HookVerify = "github"   // X-Hub-Signature-256
	VerifyStripe   HookVerify = "stripe"   // Stripe-Signature
	VerifySlack    HookVerify = "slack"    // X-Slack-Signature
	VerifySecret   HookVerify = "secret"   // the secret itself stands in a header
)

// HookVerifies lists the ways to verify a sender.
func HookVerifies() []HookVerify {
	return []HookVerify{VerifyStandard, VerifyGitHub, VerifyStripe, VerifySlack, VerifySecret}
}

// HookMap says by expressions what event a request becomes. They read body,
// headers and hook; "" is the default.
type HookMap struct {
	Topic   string `json:"topic,omitempty"`   // default hook.<name>
	Data    string `json:"data,omitempty"`    // default the body
	Subject string `json:"subject,omitempty"` // default none
	ID      string `json:"id,omitempty"`      // default what the sender calls its delivery
}

// HookTally counts what has come to a hook.
type HookTally struct {
	Accepted   int64
	Repeated   int64 // accepted before
	Refused    int64
	AcceptedAt *time.Time
	RefusedAt  *time.Time
	Refusal    string // why the last one was refused
}

// Add counts what has come since.
func (t HookTally) Add(more HookTally) HookTally {
	t.Accepted += more.Accepted
	t.Repeated += more.Repeated
	t.Refused += more.Refused
	if more.AcceptedAt != nil {
		t.AcceptedAt = more.AcceptedAt
	}
	if more.RefusedAt != nil {
		t.RefusedAt, t.Refusal = more.RefusedAt, more.Refusal
	}
	return t
}

// Hooks keeps the doors by which others tell of their events.
type Hooks interface {
	// CreateHook stores a new hook; ErrTaken when there is one of the name.
	CreateHook(ctx context.Context, h Hook, c Change) error
	// UpdateHook makes the hook what it is to be, if it is still as was (by its
	// Rev); ErrMoved if not, ErrNotFound when there is none.
	UpdateHook(ctx context.Context, was, is Hook, c Change) error
	// DeleteHook forgets a hook; ErrNotFound when there is none.
	DeleteHook(ctx context.Context, name string, c Change) error
	// Hook finds a hook; ErrNotFound when there is none.
	Hook(ctx context.Context, name string) (Hook, error)
	// ListHooks lists hooks by their names.
	ListHooks(ctx context.Context) ([]Hook, error)
	// TallyHook adds to what a hook has counted. One that is not there counts
	// nothing.
	TallyHook(ctx context.Context, name string, more HookTally) error
}
