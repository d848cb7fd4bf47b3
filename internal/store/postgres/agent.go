package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/ordinaut/ordinaut"
)

// EnsureAgent finds the agent by its name, or stores it.
func (s *Store) EnsureAgent(ctx context.Context, a ordinaut.Agent) (ordinaut.Agent, error) {
	found, err := s.agent(ctx, "AgentByName", a.Name)
	if !errors.Is(err, ordinaut.ErrNotFound) {
		return found, err
	}
	scopes, err := encoded(a.Scopes)
	if err != nil {
		return ordinaut.Agent{}, err
	}
	err = s.write(ctx, func(t *tx) error {
		_, err := t.exec("InsertAgent", string(a.ID), a.Name, string(a.Kind), scopes, a.CreatedAt)
		return err
	})
	if err != nil {
		return ordinaut.Agent{}, fmt.Errorf("store agent %q: %w", a.Name, err)
	}
	return s.agent(ctx, "AgentByName", a.Name)
}

// Agent finds an agent.
func (s *Store) Agent(ctx context.Context, by ordinaut.AgentID) (ordinaut.Agent, error) {
	return s.agent(ctx, "Agent", id(by))
}

func (s *Store) agent(ctx context.Context, statement string, by any) (ordinaut.Agent, error) {
	return first(ctx, s, statement, func(r row, a *ordinaut.Agent) error {
		return r.Scan(&a.ID, &a.Name, &a.Kind, decoded{&a.Scopes}, &a.CreatedAt)
	}, by)
}

// audit writes the entry of a change, in its transaction.
func (t *tx) audit(c ordinaut.Change) error {
	_, err := t.exec("InsertAudit", t.now, string(c.Actor), c.Action, plain(c.Subject), document(c.Detail))
	return err
}

// placedAtOnce bounds how many entries get their positions in one transaction.
const placedAtOnce = 5000

// Audit lists changes in the order they were committed, from a position on.
func (s *Store) Audit(ctx context.Context, after int64, limit int) ([]ordinaut.AuditEntry, error) {
	if err := s.placeAudit(ctx); err != nil {
		return nil, fmt.Errorf("place the entries of the audit: %w", err)
	}
	return all(ctx, s, "Audit", func(r row, e *ordinaut.AuditEntry) error {
		return r.Scan(&e.Position, &e.At, &e.Actor, &e.Action, &e.Subject, bytesOf(&e.Detail))
	}, after, page(limit))
}

// placeAudit gives their positions to the entries that have none.
func (s *Store) placeAudit(ctx context.Context) error {
	for {
		some, err := first(ctx, s, "SomeUnplaced", scanFlag)
		if err != nil || !some {
			return err
		}
		err = s.write(ctx, func(t *tx) error {
			if _, err := t.exec("LockAudit"); err != nil {
				return err
			}
			_, err := t.exec("PlaceAudit", placedAtOnce)
			t.changes = 0 // nothing has become of anything
			return err
		})
		if err != nil {
			return err
		}
	}
}
