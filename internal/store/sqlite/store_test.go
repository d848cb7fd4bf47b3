package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/store/storetest"
)

// openTest opens a store that ends with t.
func openTest(t testing.TB, dir string) *Store {
	t.Helper()
	s, err := Open(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatalf("open the store: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close the store: %v", err)
		}
	})
	return s
}

// sentences runs tests under the sentences they prove.
func sentences(t *testing.T, tests map[string]func(*testing.T)) {
	t.Helper()
	for sentence, test := range tests {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			test(t)
		})
	}
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }

// aTask stores an agent and a task, to have runs.
func aTask(t testing.TB, s *Store) (ordinaut.Task, ordinaut.Change) {
	t.Helper()
	ctx := t.Context()
	agent, err := s.EnsureAgent(ctx, ordinaut.Agent{ID: "agent", Name: "ada", Kind: ordinaut.AgentPerson})
	if err != nil {
		t.Fatal(err)
	}
	d := ordinaut.NewDefinition()
	d.Title, d.ScheduleKind = "A task", ordinaut.ScheduleManual
	d.Payload = []byte(`{"pipeline":[{"id":"a","uses":"debug.echo"}]}`)
	id := newID()
	task := ordinaut.Task{
		ID: ordinaut.TaskID(id), Key: id, CreatedBy: agent.ID, Version: 1,
		Status: ordinaut.TaskActive, Definition: d,
	}
	change := ordinaut.Change{Actor: agent.ID, Action: "test"}
	if err := s.CreateTask(ctx, task, 0, change); err != nil {
		t.Fatal(err)
	}
	return task, change
}

func aRun(task ordinaut.Task) ordinaut.Run {
	return ordinaut.Run{ID: ordinaut.RunID(newID()), TaskID: task.ID, Trigger: ordinaut.TriggerManual}
}

func code(c ordinaut.Code) error { return &ordinaut.Error{Code: c} }

// note writes an entry into the audit.
func note(x *tx, action, detail string) error {
	_, err := x.exec("InsertAudit", 0, "", action, "", detail)
	return err
}

// query reads one text from a store behind its back.
func query(t *testing.T, s *Store, text string) (got string) {
	t.Helper()
	var null sql.NullString
	if err := s.reads.QueryRowContext(t.Context(), text).Scan(&null); err != nil && !errors.Is(err, sql.ErrNoRows) {
		t.Fatal(err)
	}
	return null.String
}

func TestStore(t *testing.T) {
	t.Parallel()
	fresh := sync.OnceValues(func() ([]byte, error) { return freshDatabase(t.TempDir()) })
	storetest.Run(t, storetest.Harness{
		Open: func(t *testing.T) ordinaut.Store {
			dir := t.TempDir()
			content, err := fresh()
			if err == nil {
				err = os.WriteFile(filepath.Join(dir, "ordinaut.db"), content, 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
			return openTest(t, dir)
		},
		Around: synctest.Test,
		Pass:   func(_ ordinaut.Store, d time.Duration) { <-time.After(d) },
	})
}

// freshDatabase is an empty database of the newest schema, to be copied: under
// the race detector a migration takes longer than most tests.
func freshDatabase(dir string) ([]byte, error) {
	s, err := Open(context.Background(), Options{Dir: dir})
	if err != nil {
		return nil, err
	}
	if err := s.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Join(dir, "ordinaut.db"))
}
