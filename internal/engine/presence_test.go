package engine_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/engine"
	"github.com/ordinaut/ordinaut/ordinauttest"
)

// heard is what processes have told.
type heard struct {
	mu   sync.Mutex
	said []string
	last ordinaut.Worker
}

func (h *heard) note(what string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.said = append(h.said, what)
}

func (h *heard) Beat(_ context.Context, w ordinaut.Worker) error {
	h.mu.Lock()
	h.last = w
	h.mu.Unlock()
	if w.Draining {
		h.note("drains")
		return nil
	}
	h.note("is there")
	return nil
}

func (h *heard) Leave(context.Context, string) error { h.note("leaves"); return nil }

func (h *heard) ListWorkers(context.Context) ([]ordinaut.Worker, error) { return nil, nil }

func (h *heard) Queues(context.Context, int) (ordinaut.Queues, error) {
	return ordinaut.Queues{}, nil
}

func TestAProcessTellsThatItIsThereUntilItHasEnded(t *testing.T) {
	t.Parallel()
	h := &heard{}
	synctest.Test(t, func(t *testing.T) {
		ordinauttest.Start(t, ordinauttest.Options{Tune: func(o *engine.Options) {
			o.Workers, o.Worker, o.Slots, o.Heartbeat = h, "one", 7, 10*time.Second
		}})
		ordinauttest.Pass(25 * time.Second)
	})
	if diff := cmp.Diff([]string{"is there", "is there", "is there", "drains", "leaves"}, h.said); diff != "" {
		t.Errorf("what was told (-want +got):\n%s", diff)
	}
	if h.last.Name != "one" || h.last.Slots != 7 || len(h.last.Roles) != 3 {
		t.Errorf("got %+v, want the name, the slots and all roles", h.last)
	}
}
