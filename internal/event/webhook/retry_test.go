package webhook

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

func TestADeliveryIsTriedForADay(t *testing.T) {
	t.Parallel()
	failing := answer{DeliveryAnswer: ordinaut.DeliveryAnswer{Fault: "no"}}
	least, tries := time.Duration(0), 1
	for ; ; tries++ {
		o := outcome(pauses(), tries, failing)
		if o.Status == ordinaut.DeliveryFailed {
			break
		}
		least += pauses()[tries-1]
		if o.Status != ordinaut.DeliveryPending || o.Again < pauses()[tries-1] {
			t.Fatalf("try %d: got %+v, want a pause of %s", tries, o, pauses()[tries-1])
		}
	}
	if tries != 10 || least < limits.WebhookFailing || least > 30*time.Hour {
		t.Errorf("got %d tries over %s, want 10 over a day", tries, least)
	}
}

func TestAnOutcomeFollowsFromTheAnswer(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := answer{
			DeliveryAnswer: ordinaut.DeliveryAnswer{Fault: rapid.SampledFrom([]string{"", "no"}).Draw(t, "fault")},
			wait:           time.Duration(rapid.Int64Range(0, int64(100*24*time.Hour)).Draw(t, "wait")),
			gone:           rapid.Bool().Draw(t, "gone"),
		}
		tries := rapid.IntRange(1, 12).Draw(t, "tries")
		o := outcome(pauses(), tries, a)
		switch {
		case (o.Status == ordinaut.DeliveryDelivered) != (a.Fault == ""):
			t.Fatalf("got %+v of %+v", o, a)
		case o.Status == ordinaut.DeliveryPending && (o.Again < o.Hold || o.Again > 25*time.Hour || a.gone):
			t.Fatalf("got %+v of %+v, want a pause that heeds what was asked for", o, a)
		case o.Hold > limits.RetryAfter:
			t.Fatalf("got a hold of %s, want it bounded", o.Hold)
		}
	})
}
