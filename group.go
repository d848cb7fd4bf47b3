package ordinaut

import (
	"context"
	"time"
)

// Group is a group of consumers that share events among them: each event that a
// pattern of the group covers is given to one of them, until one has acknowledged
// it. It is what a consumer group of Redis Streams is, on every store.
type Group struct {
	Name      string
	Topics    []string // patterns, any of them
	CreatedBy AgentID
	CreatedAt time.Time
	After     int64 // events up to this position were given out
	Lag       int64 // events behind it, whatever their topic
	Pending   int   // given out and not acknowledged
	Dead      int   // given up, with a reason
}

// Delivery is an event that was given to a consumer.
type Delivery struct {
	Event
	Consumer string
	Tries    int       // how often it was given out, this time included
	Until    time.Time // when it is given to another, unless it is acknowledged
	Dead     string    // why it was given up; "" while it is not
}

// Groups shares events among consumers, at least once.
type Groups interface {
	// CreateGroup makes a group that begins behind a position; ErrTaken when there is
	// one of the name.
	CreateGroup(ctx context.Context, g Group, c Change) error
	// ClaimEvents gives up to n events to a consumer: first those whose time with
	// another is over, then new ones. One that was given out so often
	// (limits.DeliveryTries) without being acknowledged is given up instead.
	// ErrNotFound when there is no such group.
	ClaimEvents(ctx context.Context, group, consumer string, n int, lease time.Duration) ([]Delivery, error)
	// AckEvents says that events are dealt with, whoever has them by now, or given up.
	// It answers how many of them were pending. ErrNotFound when there is no such
	// group.
	AckEvents(ctx context.Context, group string, seqs []int64) (int, error)
	// RejectEvents gives events back: to be given out again at a time, or given up
	// for a reason. It answers how many of them were pending. ErrNotFound when there is
	// no such group.
	RejectEvents(ctx context.Context, group string, seqs []int64, again time.Time, why string) (int, error)
	// SeekGroup lets a group begin anew behind a position, and forgets what is
	// pending and given up. ErrNotFound when there is no such group.
	SeekGroup(ctx context.Context, group string, after int64, c Change) error
	// DeleteGroup forgets a group. ErrNotFound when there is no such group.
	DeleteGroup(ctx context.Context, group string, c Change) error
	// ListGroups lists groups by their names.
	ListGroups(ctx context.Context) ([]Group, error)
	// ListDeliveries lists what of a group is pending or given up, oldest first. Of an
	// event that is not kept any more nothing but the position is known.
	ListDeliveries(ctx context.Context, group string, dead bool, limit int) ([]Delivery, error)
}
