package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/ordinaut/ordinaut"
)

// ReadEvents gives events behind the position of the reader.
func (s *Store) ReadEvents(ctx context.Context, r ordinaut.Reader, limit int, lease time.Duration) (ordinaut.Reading, error) {
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
	stands, err := first(ctx, s.read, "Reader", scanReader, r.Name)
	if err == nil && stands.owner == r.Owner && stands.until.After(now().Add(lease/2)) {
		return stands, nil
	}
	if err != nil && !errors.Is(err, ordinaut.ErrNotFound) {
		return stands, err
	}
	err = s.write(ctx, func(t *tx) error {
		if _, err := t.exec("InsertReader", r.Name, r.FromStart, micros(t.now)); err != nil {
			return err
		}
		held, err := t.changed("HoldReader", r.Name, r.Owner, micros(t.now.Add(lease)), micros(t.now))
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

// readerAt is where a reader stands, and who has it.
type readerAt struct {
	after int64
	owner string
	until time.Time
	gap   int64
}

func scanReader(r *sql.Rows, a *readerAt) error {
	return r.Scan(&a.after, &a.owner, (*instant)(&a.until), &a.gap)
}

// AdvanceReader moves the position of the reader.
func (s *Store) AdvanceReader(ctx context.Context, r ordinaut.Reader, from, to int64) error {
	err := s.write(ctx, func(t *tx) error {
		moved, err := t.changed("AdvanceReader", r.Name, r.Owner, from, to, micros(t.now))
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
	return all(ctx, s.read, "ListReaders", func(r *sql.Rows, st *ordinaut.ReaderState) error {
		return r.Scan(&st.Name, &st.After, &st.Lag, (*instant)(&st.At))
	})
}
