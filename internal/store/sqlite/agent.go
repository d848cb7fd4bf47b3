package sqlite

import (
	"context"
	"database/sql"
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
		_, err := t.exec("InsertAgent", string(a.ID), a.Name, string(a.Kind), scopes, micros(a.CreatedAt))
		return err
	})
	if err != nil {
		return ordinaut.Agent{}, fmt.Errorf("store agent %q: %w", a.Name, err)
	}
	return s.agent(ctx, "AgentByName", a.Name)
}

// Agent finds an agent.
func (s *Store) Agent(ctx context.Context, id ordinaut.AgentID) (ordinaut.Agent, error) {
	return s.agent(ctx, "Agent", string(id))
}

func (s *Store) agent(ctx context.Context, statement, by string) (ordinaut.Agent, error) {
	return first(ctx, s.read, statement, func(r *sql.Rows, a *ordinaut.Agent) error {
		return r.Scan(&a.ID, &a.Name, &a.Kind, decoded{&a.Scopes}, (*instant)(&a.CreatedAt))
	}, by)
}

// Audit lists changes in the order they were committed, from a position on.
func (s *Store) Audit(ctx context.Context, after int64, limit int) ([]ordinaut.AuditEntry, error) {
	return all(ctx, s.read, "Audit", func(r *sql.Rows, e *ordinaut.AuditEntry) error {
		return r.Scan(&e.Position, (*instant)(&e.At), &e.Actor, &e.Action, &e.Subject, bytesOf(&e.Detail))
	}, after, page(limit))
}
