package service

import (
	"errors"
	"testing"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/store/sqlite"
)

// TestASparingStoreRefusesWhatTheStoreRefuses asks both for the same tasks: first
// dry, then in earnest.
func TestASparingStoreRefusesWhatTheStoreRefuses(t *testing.T) {
	t.Parallel()
	store, err := sqlite.Open(t.Context(), sqlite.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	now := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	user, err := store.EnsureAgent(t.Context(), ordinaut.Agent{ID: ordinaut.AgentID(newID()), Name: "user", Kind: ordinaut.AgentPerson, CreatedAt: now})
	if err != nil {
		t.Fatal(err)
	}
	task := func(key string, status ordinaut.TaskStatus) ordinaut.Task {
		d := ordinaut.NewDefinition()
		d.Title, d.ScheduleKind, d.Timezone, d.Payload = key, ordinaut.ScheduleManual, "UTC", []byte(`{}`)
		return ordinaut.Task{
			ID: ordinaut.TaskID(newID()), Key: key, CreatedBy: user.ID, Version: 1, Status: status, CreatedAt: now, UpdatedAt: now,
			Definition: d, Plan: newPlan(d, now),
		}
	}
	for _, c := range []struct {
		task  ordinaut.Task
		limit int
		want  error
	}{
		{task("a", ordinaut.TaskActive), 2, nil},
		{task("a", ordinaut.TaskActive), 2, ordinaut.ErrKeyTaken},
		{task("b", ordinaut.TaskCanceled), 2, nil},
		{task("b", ordinaut.TaskPaused), 2, nil},
		{task("c", ordinaut.TaskActive), 2, ordinaut.ErrTaskLimit},
		{task("c", ordinaut.TaskActive), 0, nil},
	} {
		for _, dry := range []bool{true, false} {
			change := ordinaut.Change{Actor: user.ID, Action: "task.create", DryRun: dry}
			if err := (sparing{store}).CreateTask(t.Context(), c.task, c.limit, change); !errors.Is(err, c.want) {
				t.Errorf("%s, dry %v: got %v, want %v", c.task.Key, dry, err, c.want)
			}
		}
	}
}
