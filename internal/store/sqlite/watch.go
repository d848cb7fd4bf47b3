package sqlite

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

// notify tells the watchers of a signal. It never waits: a channel that still
// holds a signal says all that another would.
func (w *watchers) notify(s ordinaut.Signal) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for c, wanted := range w.channels {
		if wanted != s {
			continue
		}
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

// Watch returns a channel that receives after commits of the kind, and a
// function that ends it.
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
