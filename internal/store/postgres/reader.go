package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ordinaut/ordinaut"
)

// ReadEvents gives events behind the position of the reader.
func (s *Store) ReadEvents(ctx context.Context, r ordinaut.Reader, limit int, lease time.Duration) (ordinaut.Reading, error) {
	if err := s.stamp(ctx); err != nil { // so that a new reader begins at the end
		return ordinaut.Reading{}, err
	}
	stands, err := s.holdReader(ctx, r, lease)
	if err != nil {
		return ordinaut.Reading{}, fmt.Errorf("read events as %s: %w", r.Name, err)
	}
	events, err := s.ListEvents(ctx, ordinaut.EventFilter{After: stands.after, Limit: limit})
	return ordinaut.Reading{After: stands.after, Gap: stands.gap, Events: events}, err
}

// holdReader has the owner read, and says where the reader stands. One that has it
// for long enough writes nothing.
func (s *Store) holdReader(ctx context.Context, r ordinaut.Reader, lease time.Duration) (readerAt, error) {
	stands, err := first(ctx, s, "Reader", scanReader, r.Name)
	if err == nil && stands.owner == r.Owner && stands.until.Sub(stands.now) > lease/2 {
		return stands, nil
	}
	if err != nil && !errors.Is(err, ordinaut.ErrNotFound) {
		return stands, err
	}
	err = s.quietly(ctx, func(t *tx) error {
		if _, err := t.exec("InsertReader", r.Name, r.FromStart, t.now); err != nil {
			return err
		}
		held, err := t.changed("HoldReader", r.Name, r.Owner, t.now.Add(lease), t.now)
		if err != nil {
			return err
		}
		if !held {
			return ordinaut.ErrHeld
		}
		stands, err = seen(t, "Reader", scanReader, r.Name)
		return err
	})
	return stands, err
}

// quietly carries out what leaves the log as it is, so that those who read it are
// not woken.
func (s *Store) quietly(ctx context.Context, do func(*tx) error) error {
	return s.write(ctx, func(t *tx) error {
		err := do(t)
		t.changes = 0
		return err
	})
}

// readerAt is where a reader stands, and who has it.
type readerAt struct {
	after      int64
	owner      string
	until, now time.Time
	gap        int64
}

func scanReader(r row, a *readerAt) error {
	return r.Scan(&a.after, &a.owner, &a.until, &a.gap, &a.now)
}

// AdvanceReader moves the position of the reader.
func (s *Store) AdvanceReader(ctx context.Context, r ordinaut.Reader, from, to int64) error {
	err := s.quietly(ctx, func(t *tx) error {
		moved, err := t.changed("AdvanceReader", r.Name, r.Owner, from, to, t.now)
		if err == nil && !moved {
			err = ordinaut.ErrLeaseLost
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("move reader %s from %d to %d: %w", r.Name, from, to, err)
	}
	return nil
}

// ListReaders lists readers and how far they have come.
func (s *Store) ListReaders(ctx context.Context) ([]ordinaut.ReaderState, error) {
	if err := s.stamp(ctx); err != nil {
		return nil, err
	}
	return all(ctx, s, "ListReaders", func(r row, st *ordinaut.ReaderState) error {
		return r.Scan(&st.Name, &st.After, &st.Lag, &st.At)
	})
}
