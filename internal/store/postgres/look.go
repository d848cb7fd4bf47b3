package postgres

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/ordinaut/ordinaut"
)

// lookEvery is how long what no signal told of stays unseen.
const lookEvery = 5 * time.Second

// outlook is what a look has found.
type outlook struct {
	due     map[ordinaut.Signal]bool
	written int64 // how much was ever written to the outbox
}

func scanOutlook(r row, o *outlook) error {
	var plans, queue, cancels, waits, answers bool
	err := r.Scan(&plans, &queue, &cancels, &waits, &answers, &o.written)
	o.due = map[ordinaut.Signal]bool{
		ordinaut.SignalPlans: plans, ordinaut.SignalQueue: queue, ordinaut.SignalCancels: cancels,
		ordinaut.SignalWaits: waits, ordinaut.SignalAnswers: answers,
	}
	return err
}

// look looks at the database again and again, and signals what there is to do. So
// losing every notification costs no more than the time between two looks. The
// looks of many processes are spread.
func (s *Store) look(ctx context.Context, every time.Duration) {
	var seen int64
	for {
		select {
		case <-time.After(every - every/10 + rand.N(every/5+1)):
		case <-ctx.Done():
			return
		}
		o, err := first(ctx, s, "Look", scanOutlook)
		if err != nil {
			continue // whoever needs the database will say so
		}
		for signal, due := range o.due {
			if due {
				s.watchers.notify(signal)
			}
		}
		if o.written != seen {
			// What becomes of runs, and what others make of it, leaves no other trace.
			s.watchers.notifyWithout(o.due)
		}
		seen = o.written
	}
}
