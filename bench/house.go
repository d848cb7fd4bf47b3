package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/op"
	"github.com/ordinaut/ordinaut/internal/server"
	"github.com/ordinaut/ordinaut/internal/service"
	"github.com/ordinaut/ordinaut/internal/store/sqlite"
	"github.com/ordinaut/ordinaut/internal/tool"
	"github.com/ordinaut/ordinaut/internal/tool/builtin"
)

// house is an Ordinaut without its faces: the store, the tools and the
// operations, in an empty folder.
type house struct {
	store *sqlite.Store
	tools *tool.Catalog
	ops   *op.Set
}

func openHouse(ctx context.Context, dir string) (*house, error) {
	store, err := sqlite.Open(ctx, sqlite.Options{Dir: dir})
	if err != nil {
		return nil, err
	}
	h := &house{store: store}
	tools, err := tool.New(ctx, builtin.Tools(builtin.Options{})...)
	if err == nil {
		err = h.use(ctx, tools)
	}
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	return h, nil
}

// use makes the tools those of the house.
func (h *house) use(ctx context.Context, tools *tool.Catalog) (err error) {
	h.tools = tools
	h.ops, err = server.Ops(ctx, service.Options{Store: h.store, Tools: tools, Zone: "UTC"})
	return err
}

// agent makes a caller, and gives the context in which it calls.
func (h *house) agent(ctx context.Context, name string) (context.Context, error) {
	a, err := h.store.EnsureAgent(ctx, ordinaut.Agent{
		ID: ordinaut.AgentID(newID()), Name: name, Kind: ordinaut.AgentAI,
		Scopes: []ordinaut.Scope{ordinaut.ScopeTasksWrite}, CreatedAt: time.Now(),
	})
	return ordinaut.WithAgent(ctx, a), err
}

// create makes a task through the operation, as every face does.
func (h *house) create(ctx context.Context, task string) (service.Task, error) {
	made, err := h.ops.Call(ctx, h.ops.Find("task.create"), []byte(task))
	if err != nil {
		return service.Task{}, err
	}
	t, ok := made.(service.Task)
	if !ok {
		return t, fmt.Errorf("task.create answers with a %T", made)
	}
	return t, nil
}

// oneStep is a task whose pipeline is a single call.
func oneStep(title, kind, expr string) string {
	return fmt.Sprintf(`{"title": %q, "schedule_kind": %q, "schedule_expr": %q, "timezone": "Europe/Chisinau",
		"payload": {"pipeline": [{"id": "say", "uses": "debug.echo", "with": {"message": "hello"}}]}}`, title, kind, expr)
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }
