package ordinaut

import (
	"context"
	"time"
)

// DeliveryID names a delivery to a webhook; a UUIDv7. It stays the same however
// often the delivery is tried, so that whoever receives it can count it once.
type DeliveryID string

// WebhookDelivery is an event that is sent to a webhook. There is one of each
// event at most.
type WebhookDelivery struct {
	ID        DeliveryID
	WebhookID WebhookID
	Event     Event // as it is sent, whether the log still keeps it or not
	Status    DeliveryStatus
	CreatedAt time.Time
	DueAt     time.Time // when it is tried next; of one that is claimed, when the claim is over
	Owner     string    // who sends it just now; "" is nobody
	Tries     int       // how often it was tried
	TriedAt   *time.Time
	EndedAt   *time.Time
	Answer    DeliveryAnswer // to the last try
}

// DeliveryStatus is where a delivery stands.
type DeliveryStatus string

// The statuses of a delivery.
const (
	DeliveryPending   DeliveryStatus = "pending" // it is tried until it arrives
	DeliveryDelivered DeliveryStatus = "delivered"
	DeliveryFailed    DeliveryStatus = "failed" // it was given up
)

// DeliveryAnswer is what came back of a try.
type DeliveryAnswer struct {
	Code  int           // the status of HTTP; 0 when there was no answer
	Took  time.Duration // to the end of the answer
	Body  string        // the beginning of the answer
	Fault string        // why it did not arrive; "" when it did
}

// DeliveryOutcome is what becomes of a delivery after a try.
type DeliveryOutcome struct {
	Status DeliveryStatus
	Answer DeliveryAnswer
	Again  time.Duration // of a pending one: how long until it is tried again
	Hold   time.Duration // how long the webhook asks to be left alone
}

// DeliveryFilter selects deliveries. Zero fields do not select.
type DeliveryFilter struct {
	WebhookID WebhookID
	ID        DeliveryID
	Status    DeliveryStatus
	Before    DeliveryID // only those older than this one: the cursor
	Limit     int        // 0 is no limit
}

// WebhookDeliveries keeps what is sent to webhooks, and what came of it.
type WebhookDeliveries interface {
	// AddDeliveries stores deliveries and says how many were new. An event that the
	// webhook has a delivery of already counts once, and webhooks that are not there
	// are left out: so whoever reads the log may add what it has read twice.
	AddDeliveries(ctx context.Context, ds []WebhookDelivery) (int, error)
	// ClaimDeliveries gives up to n due deliveries to an owner, those of a webhook
	// in the order in which they are due, and counts the try. No webhook has more
	// than each under way, whoever has them. Those of webhooks that are disabled or
	// have asked to be left alone wait.
	ClaimDeliveries(ctx context.Context, owner string, n, each int, lease time.Duration) (ClaimedDeliveries, error)
	// SettleDelivery records what came of a try; ErrLeaseLost when the owner does
	// not have the delivery any more. The webhook, as it is then, has had an
	// answer: it is failing since its first try that failed after the last that
	// did not.
	SettleDelivery(ctx context.Context, d WebhookDelivery, o DeliveryOutcome) (Webhook, error)
	// SendAgain has deliveries sent from their beginning, whatever became of them.
	// Those of events that were never sent to the webhook are added.
	SendAgain(ctx context.Context, ds []WebhookDelivery, c Change) error
	// ListWebhookDeliveries lists deliveries, newest first.
	ListWebhookDeliveries(ctx context.Context, f DeliveryFilter) ([]WebhookDelivery, error)
	// PruneDeliveries deletes up to limit deliveries that ended so long ago, and
	// says whether there may be more.
	PruneDeliveries(ctx context.Context, keep time.Duration, limit int) (more bool, err error)
}

// ClaimedDeliveries are deliveries to be sent now.
type ClaimedDeliveries struct {
	Deliveries []WebhookDelivery
	Webhooks   map[WebhookID]Webhook // to which they go
	Next       *time.Duration        // until more are due; nil when none is known of
}
