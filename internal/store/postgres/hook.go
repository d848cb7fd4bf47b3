package postgres

import (
	"context"
	"fmt"

	"github.com/ordinaut/ordinaut"
)

// CreateHook stores a new hook.
func (s *Store) CreateHook(ctx context.Context, h ordinaut.Hook, c ordinaut.Change) error {
	mapping, err := encoded(h.Map)
	if err != nil {
		return err
	}
	return s.change(ctx, c, func(t *tx) error {
		made, err := t.changed("InsertHook", h.Name, h.Rev, plain(h.Description), string(h.Verify), h.Header,
			h.Secrets.Now, h.Secrets.Old, h.Secrets.OldUntil, mapping, h.Disabled,
			string(h.CreatedBy), h.CreatedAt, h.UpdatedAt)
		if err == nil && !made {
			return ordinaut.ErrTaken
		}
		return err
	})
}

// UpdateHook makes the hook what it is to be.
func (s *Store) UpdateHook(ctx context.Context, was, is ordinaut.Hook, c ordinaut.Change) error {
	mapping, err := encoded(is.Map)
	if err != nil {
		return err
	}
	return s.change(ctx, c, func(t *tx) error {
		done, err := t.changed("UpdateHook", was.Name, was.Rev, is.Rev, plain(is.Description), string(is.Verify), is.Header,
			is.Secrets.Now, is.Secrets.Old, is.Secrets.OldUntil, mapping, is.Disabled, is.UpdatedAt)
		if err != nil || done {
			return err
		}
		_, err = seen(t, "Hook", scanHook, was.Name)
		return moved(err)
	})
}

// DeleteHook forgets a hook.
func (s *Store) DeleteHook(ctx context.Context, name string, c ordinaut.Change) error {
	return s.change(ctx, c, func(t *tx) error {
		gone, err := t.changed("DeleteHook", name)
		return missing(gone, err)
	})
}

// Hook finds a hook.
func (s *Store) Hook(ctx context.Context, name string) (ordinaut.Hook, error) {
	return first(ctx, s, "Hook", scanHook, name)
}

// ListHooks lists hooks by their names.
func (s *Store) ListHooks(ctx context.Context) ([]ordinaut.Hook, error) {
	return all(ctx, s, "ListHooks", scanHook)
}

func scanHook(r row, h *ordinaut.Hook) error {
	return r.Scan(&h.Name, &h.Rev, &h.Description, &h.Verify, &h.Header,
		&h.Secrets.Now, &h.Secrets.Old, &h.Secrets.OldUntil, decoded{&h.Map}, &h.Disabled,
		&h.CreatedBy, &h.CreatedAt, &h.UpdatedAt,
		&h.Tally.Accepted, &h.Tally.Repeated, &h.Tally.Refused, &h.Tally.AcceptedAt, &h.Tally.RefusedAt, &h.Tally.Refusal)
}

// TallyHook adds to what a hook has counted.
func (s *Store) TallyHook(ctx context.Context, name string, more ordinaut.HookTally) error {
	err := s.write(ctx, func(t *tx) error {
		_, err := t.exec("TallyHook", name, more.Accepted, more.Repeated, more.Refused,
			more.AcceptedAt, more.RefusedAt, plain(more.Refusal))
		return err
	})
	if err != nil {
		return fmt.Errorf("tally hook %s: %w", name, err)
	}
	return nil
}
