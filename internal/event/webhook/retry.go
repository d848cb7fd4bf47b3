package webhook

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// pauses are the waits between the tries of a delivery: a little more than a day
// in all.
func pauses() []time.Duration {
	return []time.Duration{
		5 * time.Second, time.Minute, 5 * time.Minute, 30 * time.Minute, time.Hour,
		2 * time.Hour, 4 * time.Hour, 8 * time.Hour, 9 * time.Hour,
	}
}

// an answer is what came of a try.
type answer struct {
	ordinaut.DeliveryAnswer
	wait time.Duration // that the other side has asked for
	gone bool          // it wants nothing any more
}

// outcome decides what becomes of a delivery after a try, of which there were so
// many, with pauses between them.
func outcome(pauses []time.Duration, tries int, a answer) ordinaut.DeliveryOutcome {
	o := ordinaut.DeliveryOutcome{Status: ordinaut.DeliveryDelivered, Answer: a.DeliveryAnswer}
	if a.Fault == "" {
		return o
	}
	o.Hold = min(a.wait, limits.RetryAfter)
	if a.gone || tries > len(pauses) {
		o.Status = ordinaut.DeliveryFailed
		return o
	}
	o.Status = ordinaut.DeliveryPending
	o.Again = max(spread(pauses[max(tries, 1)-1]), o.Hold)
	return o
}

// spread makes a wait up to a tenth longer, so that what failed together is not
// tried together.
func spread(d time.Duration) time.Duration { return d + rand.N(d/10+1) }

// farewell is why a webhook is to be disabled after a try; "" when it is not. One
// is given up that says so itself, or of which a delivery was tried for a day
// while nothing arrived.
func farewell(w ordinaut.Webhook, o ordinaut.DeliveryOutcome, gone bool, now time.Time) string {
	switch {
	case gone:
		return "it answered 410 Gone"
	case o.Status == ordinaut.DeliveryFailed && w.FailingSince != nil && now.Sub(*w.FailingSince) >= limits.WebhookFailing:
		return fmt.Sprintf("nothing has arrived since %s: %s", w.FailingSince.UTC().Format(time.RFC3339), o.Answer.Fault)
	}
	return ""
}
