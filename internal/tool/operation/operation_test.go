package operation_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/op"
	"github.com/ordinaut/ordinaut/internal/schema"
	"github.com/ordinaut/ordinaut/internal/service"
	"github.com/ordinaut/ordinaut/internal/store/sqlite"
	"github.com/ordinaut/ordinaut/internal/tool"
	"github.com/ordinaut/ordinaut/internal/tool/operation"
)

// house is a store with an agent, and the catalog through which the agent asks.
type house struct {
	catalog *tool.Catalog
	agent   ordinaut.Agent
	store   ordinaut.Store
}

func newHouse(t *testing.T, scopes ...ordinaut.Scope) *house {
	t.Helper()
	h := &house{}
	var err error
	if h.catalog, err = tool.New(t.Context()); err != nil {
		t.Fatal(err)
	}
	store, err := sqlite.Open(t.Context(), sqlite.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	h.store = store
	if h.agent, err = h.store.EnsureAgent(t.Context(), ordinaut.Agent{ID: "0198c0de-0000-7000-8000-000000000001", Name: "scout", Kind: ordinaut.AgentAI, Scopes: scopes}); err != nil {
		t.Fatal(err)
	}
	set, err := op.NewSet(service.New(service.Options{Store: h.store, Tools: h.catalog}).Ops()...)
	if err != nil {
		t.Fatal(err)
	}
	own, err := operation.New(set, func(ctx context.Context, c tool.Call) (context.Context, error) {
		return ordinaut.WithOrigin(ordinaut.WithAgent(ctx, h.agent), ordinaut.Origin{RunID: c.RunID, Step: c.Step}), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.catalog.Add(t.Context(), own); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *house) call(t *testing.T, step, address, args string) (map[string]any, error) {
	t.Helper()
	result, err := h.catalog.Call(t.Context(), tool.Call{Address: address, Args: json.RawMessage(args), RunID: "r", Step: step})
	var answer map[string]any
	if err == nil && json.Unmarshal(result.Output, &answer) != nil {
		t.Fatalf("got %s, want an object", result.Output)
	}
	return answer, err
}

const hello = `{"title":"Say hello","schedule_kind":"cron","schedule_expr":"0 9 * * *","payload":{"pipeline":[{"uses":"task.get","with":{"task":"x"}}]}}`

func TestEveryToolSaysWhatItTakes(t *testing.T) {
	t.Parallel()
	for _, shown := range newHouse(t).catalog.List() {
		if shown.Title == "" || shown.Description == "" || len(shown.OutputSchema) == 0 || len(shown.Examples) == 0 {
			t.Errorf("%s: got %+v, want title, description, schemas and an example", shown.Address, shown)
		}
		input, err := schema.Compile(shown.InputSchema)
		if err != nil {
			t.Fatalf("%s: %v", shown.Address, err)
		}
		for _, example := range shown.Examples {
			var args any
			if err := json.Unmarshal(example.Input, &args); err != nil {
				t.Fatal(err)
			}
			if faults := input.Validate(args); len(faults) > 0 {
				t.Errorf("%s: the example does not fit: %v", shown.Address, faults.Err())
			}
		}
	}
}

func TestAStepMakesItsTaskOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t, ordinaut.ScopeAdmin)
	first, err := h.call(t, "a", "orchestrator.create_task", hello)
	if err != nil {
		t.Fatal(err)
	}
	again, err := h.call(t, "a", "orchestrator.create_task", hello)
	if err != nil || again["id"] != first["id"] {
		t.Errorf("the same step: got %v and %v, want the task %v", again["id"], err, first["id"])
	}
	other, err := h.call(t, "b", "task.create", hello)
	if err != nil || other["id"] == first["id"] {
		t.Errorf("another step: got %v and %v, want a task of its own", other["id"], err)
	}
	if n, err := h.store.CountTasks(t.Context(), ordinaut.TaskFilter{CreatedBy: h.agent.ID}); n != 2 || err != nil {
		t.Errorf("got %d tasks of the agent and %v, want 2", n, err)
	}
}

func TestAStepMakesItsRunOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t, ordinaut.ScopeAdmin)
	task, err := h.call(t, "a", "task.create", hello)
	if err != nil {
		t.Fatal(err)
	}
	args := `{"task":"` + task["id"].(string) + `","wait":false,"params":{"a":1}}`
	first, err := h.call(t, "b", operation.RunTask, args)
	if err != nil {
		t.Fatal(err)
	}
	again, err := h.call(t, "b", operation.RunTask, args)
	if err != nil || again["run_id"] != first["run_id"] || first["task_id"] != task["id"] {
		t.Errorf("got %v and %v, want the run %v of %v", again, err, first["run_id"], task["id"])
	}
	run, err := h.store.Run(t.Context(), ordinaut.RunID(first["run_id"].(string)))
	if err != nil || run.Parent != "r" || run.ParentStep != "b" || run.Depth != 1 || run.Trigger != ordinaut.TriggerRun {
		t.Errorf("got %+v and %v, want a run that the step b of r asked for", run, err)
	}
}

func TestAStepTellsOfItsEventOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t, ordinaut.ScopeAdmin)
	task, err := h.call(t, "a", "task.create", hello)
	if err != nil {
		t.Fatal(err)
	}
	run, err := h.call(t, "b", "task.run", `{"task":"`+task["id"].(string)+`"}`)
	if err != nil {
		t.Fatal(err)
	}
	publish := func(step string) map[string]any {
		t.Helper()
		c := tool.Call{Address: "event.publish", Args: json.RawMessage(`{"topic":"order.paid","data":{"n":1}}`), RunID: ordinaut.RunID(run["id"].(string)), Step: step}
		result, err := h.catalog.Call(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		var answer map[string]any
		if err := json.Unmarshal(result.Output, &answer); err != nil {
			t.Fatal(err)
		}
		return answer
	}
	first, again, other := publish("c"), publish("c"), publish("d")
	if first["duplicate"] != false || again["duplicate"] != true || again["id"] != first["id"] || other["duplicate"] != false {
		t.Errorf("got %v, %v, %v, want one event of each step", first, again, other)
	}
	if first["source"] != "ordinaut/tasks/"+task["id"].(string) {
		t.Errorf("got the source %v, want the task", first["source"])
	}
}

func TestWhatAnOperationRefusesFailsTheStep(t *testing.T) {
	t.Parallel()
	h := newHouse(t, ordinaut.ScopeTasksRead, ordinaut.ScopeTasksWrite)
	for _, c := range []struct {
		address, args string
		class         ordinaut.Class
		says          string
	}{
		{"task.get", `{"task":"nowhere"}`, ordinaut.ClassInvalidInput, `"nowhere"`},
		{"task.run", `{"task":"nowhere"}`, ordinaut.ClassDenied, "runs:control"},
		{"task.get", `{}`, ordinaut.ClassInvalidInput, "task"},
		{"task.create", strings.ReplaceAll(strings.Replace(hello, "0 9", "61 9", 1), "task.get", "task.guess"), ordinaut.ClassInvalidInput, "task.guess"},
	} {
		_, err := h.call(t, "a", c.address, c.args)
		f, ok := errors.AsType[*tool.Failure](err)
		if !ok || f.Class != c.class || !strings.Contains(f.Err.Message, c.says) {
			t.Errorf("%s %s: got %v, want %s about %s", c.address, c.args, err, c.class, c.says)
		}
	}
}

func TestWithoutAServerNobodyIsAsked(t *testing.T) {
	t.Parallel()
	set, err := op.NewSet(service.New(service.Options{}).Ops()...)
	if err != nil {
		t.Fatal(err)
	}
	own, err := operation.New(set, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = own.Call(t.Context(), tool.Call{Address: "task.get"})
	if ordinaut.AsError(err).Code != ordinaut.CodeToolUnavailable {
		t.Errorf("got %v, want %s", err, ordinaut.CodeToolUnavailable)
	}
	if _, err := op.NewSet(); err != nil {
		t.Fatal(err)
	}
	empty, _ := op.NewSet()
	if _, err := operation.New(empty, nil); err == nil {
		t.Error("a set without the operations: got no error, want one")
	}
}
