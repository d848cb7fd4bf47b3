package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// workers are the processes at the store. There is never but one that has the
// folder, and of one that has died nobody is left to ask: so what they tell is
// kept in memory, and an idle laptop writes nothing to its disk for it.
type workers struct {
	mu    sync.Mutex
	known map[string]ordinaut.Worker
}

// Beat tells of a process.
func (s *Store) Beat(_ context.Context, w ordinaut.Worker) error {
	s.workers.mu.Lock()
	defer s.workers.mu.Unlock()
	if s.workers.known == nil {
		s.workers.known = map[string]ordinaut.Worker{}
	}
	w.SeenAt = now()
	w.StartedAt = w.SeenAt
	if before, known := s.workers.known[w.Name]; known {
		w.StartedAt = before.StartedAt
	}
	w.Roles = slices.Clone(w.Roles)
	s.workers.known[w.Name] = w
	maps.DeleteFunc(s.workers.known, func(_ string, old ordinaut.Worker) bool { return old.Gone(w.SeenAt, limits.WorkerGone) })
	return nil
}

// Leave forgets a process that has ended well.
func (s *Store) Leave(_ context.Context, name string) error {
	s.workers.mu.Lock()
	defer s.workers.mu.Unlock()
	delete(s.workers.known, name)
	return nil
}

// ListWorkers lists processes by their names.
func (s *Store) ListWorkers(context.Context) ([]ordinaut.Worker, error) {
	s.workers.mu.Lock()
	defer s.workers.mu.Unlock()
	var found []ordinaut.Worker
	for _, w := range s.workers.known {
		if !w.Gone(now(), limits.WorkerGone) {
			w.Roles = slices.Clone(w.Roles)
			found = append(found, w)
		}
	}
	slices.SortFunc(found, func(a, b ordinaut.Worker) int { return cmp.Compare(a.Name, b.Name) })
	return found, nil
}

// Queues says what waits and is under way.
func (s *Store) Queues(ctx context.Context, most int) (q ordinaut.Queues, err error) {
	q.Now = now()
	if q.Priorities, err = all(ctx, s.read, "PriorityQueues", scanPriorityQueue, micros(q.Now)); err == nil {
		q.Keys, err = all(ctx, s.read, "KeyQueues", scanKeyQueue, micros(q.Now), most)
	}
	if err == nil {
		q.Workers, err = all(ctx, s.read, "WorkerQueues", scanWorkerQueue)
	}
	if err != nil {
		return ordinaut.Queues{}, fmt.Errorf("look at the queues: %w", err)
	}
	return q, nil
}

// loadColumns are where the columns of {Load} go, and those behind them.
func loadColumns(l *ordinaut.Load, more ...any) []any {
	return append([]any{&l.Due, &l.Later, &l.Blocked, &l.Parked, &l.Waiting, &l.Running, optional{&l.Oldest}}, more...)
}

func scanPriorityQueue(r *sql.Rows, q *ordinaut.PriorityQueue) error {
	return r.Scan(loadColumns(&q.Load, &q.Priority)...)
}

func scanKeyQueue(r *sql.Rows, q *ordinaut.KeyQueue) error {
	return r.Scan(loadColumns(&q.Load, &q.Key, &q.Slots)...)
}

func scanWorkerQueue(r *sql.Rows, q *ordinaut.WorkerQueue) error {
	return r.Scan(&q.Worker, &q.Running)
}
