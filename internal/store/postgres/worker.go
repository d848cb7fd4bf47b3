package postgres

import (
	"context"
	"fmt"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// Beat tells of a process.
func (s *Store) Beat(ctx context.Context, w ordinaut.Worker) error {
	err := s.write(ctx, func(t *tx) error {
		if _, err := t.exec("Beat", w.Name, w.Host, w.PID, w.Version, textsOf(w.Roles), w.Slots, w.Busy, t.now, w.Draining); err != nil {
			return err
		}
		_, err := t.exec("ForgetWorkers", t.now.Add(-limits.WorkerGone))
		t.changes = 0 // nobody waits for it
		return err
	})
	if err != nil {
		return fmt.Errorf("tell of process %s: %w", w.Name, err)
	}
	return nil
}

// Leave forgets a process that has ended well.
func (s *Store) Leave(ctx context.Context, name string) error {
	err := s.write(ctx, func(t *tx) error {
		_, err := t.exec("Leave", name)
		t.changes = 0 // nobody waits for it
		return err
	})
	if err != nil {
		return fmt.Errorf("forget process %s: %w", name, err)
	}
	return nil
}

// ListWorkers lists processes by their names.
func (s *Store) ListWorkers(ctx context.Context) ([]ordinaut.Worker, error) {
	found, err := all(ctx, s, "ListWorkers", scanProcess, limits.WorkerGone)
	if err != nil {
		return nil, fmt.Errorf("list processes: %w", err)
	}
	return found, nil
}

func scanProcess(r row, w *ordinaut.Worker) error {
	var roles []string
	if err := r.Scan(&w.Name, &w.Host, &w.PID, &w.Version, &roles, &w.Slots, &w.Busy, &w.StartedAt, &w.SeenAt, &w.Draining); err != nil {
		return err
	}
	for _, role := range roles {
		w.Roles = append(w.Roles, ordinaut.Role(role))
	}
	return nil
}

// Queues says what waits and is under way.
func (s *Store) Queues(ctx context.Context, most int) (q ordinaut.Queues, err error) {
	if q.Now, err = s.Now(ctx); err == nil {
		q.Priorities, err = all(ctx, s, "PriorityQueues", scanPriorityQueue, q.Now)
	}
	if err == nil {
		q.Keys, err = all(ctx, s, "KeyQueues", scanKeyQueue, q.Now, most)
	}
	if err == nil {
		q.Workers, err = all(ctx, s, "WorkerQueues", scanWorkerQueue)
	}
	if err != nil {
		return ordinaut.Queues{}, fmt.Errorf("look at the queues: %w", err)
	}
	return q, nil
}

// loadColumns are where the columns of {Load} go, and those behind them.
func loadColumns(l *ordinaut.Load, more ...any) []any {
	return append([]any{&l.Due, &l.Later, &l.Blocked, &l.Parked, &l.Waiting, &l.Running, &l.Oldest}, more...)
}

func scanPriorityQueue(r row, q *ordinaut.PriorityQueue) error {
	return r.Scan(loadColumns(&q.Load, &q.Priority)...)
}

func scanKeyQueue(r row, q *ordinaut.KeyQueue) error {
	return r.Scan(loadColumns(&q.Load, &q.Key, &q.Slots)...)
}

func scanWorkerQueue(r row, q *ordinaut.WorkerQueue) error { return r.Scan(&q.Worker, &q.Running) }
