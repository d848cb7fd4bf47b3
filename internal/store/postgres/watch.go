package postgres

import (
	"sync"

	"github.com/ordinaut/ordinaut"
)

// watchers are the channels that hear of commits, each of one kind.
type watchers struct {
	mu       sync.Mutex
	channels map[chan struct{}]ordinaut.Signal
}

func newWatchers() *watchers {
	return &watchers{channels: map[chan struct{}]ordinaut.Signal{}}
}

// notify tells the watchers of signals. It never waits: a channel that still
// holds a signal says all that another would.
func (w *watchers) notify(signals ...ordinaut.Signal) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range signals {
		for c, wanted := range w.channels {
			if wanted == s {
				ring(c)
			}
		}
	}
}

// notifyWithout tells every watcher but those of some signals.
func (w *watchers) notifyWithout(signals map[ordinaut.Signal]bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for c, wanted := range w.channels {
		if _, some := signals[wanted]; !some {
			ring(c)
		}
	}
}

// ring leaves a signal in a channel, unless there is one.
func ring(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Watch returns a channel that receives after commits of the kind, in whichever
// process they were made, and a function that ends it.
func (s *Store) Watch(signal ordinaut.Signal) (<-chan struct{}, func()) {
	w, c := s.watchers, make(chan struct{}, 1)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.channels[c] = signal
	return c, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.channels, c)
	}
}

// tell tells of signals: the watchers here, and those of other processes.
func (s *Store) tell(signals []ordinaut.Signal) {
	if len(signals) == 0 {
		return
	}
	s.watchers.notify(signals...)
	if s.teller != nil {
		s.teller.tell(signals)
	}
}
