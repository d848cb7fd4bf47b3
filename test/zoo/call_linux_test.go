package zoo

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/service"
	"github.com/ordinaut/ordinaut/test/realtest"
)

func TestMain(m *testing.M) { os.Exit(realtest.Main(m)) }

// instance is a running server with animals in its catalog.
type instance struct{ *realtest.Server }

// start starts a server with the tame animal and those of the cages.
func start(t *testing.T, dir string, cages []cage) instance {
	t.Helper()
	animal := realtest.Build(t, "./animal")
	entry := func(name string) any { return map[string]any{"command": animal, "args": []string{name}} }
	servers := map[string]any{"tame": entry("tame")}
	for _, c := range cages {
		servers[c.name] = entry(c.name)
	}
	return instance{realtest.Start(t, realtest.Options{Dir: dir, Tools: servers})}
}

// alive lists the processes that run what we have built: animals and their
// keepers, and the server itself.
func alive(t *testing.T) []string {
	t.Helper()
	return realtest.Processes(t, filepath.Dir(realtest.Build(t, "./animal")))
}

// call calls a tool in a task of one step, and waits for the end. A server that
// knows better refuses the task.
func (o instance) call(ctx context.Context, key, tool string, timeout time.Duration) (run service.Run, err error) {
	task := realtest.Manual(key, realtest.Step{
		"id": "call", "uses": tool, "timeout_seconds": timeout.Seconds(), "with": map[string]any{"text": "honest ${run.id}"},
	})
	task["key"] = key
	if err := o.Send(ctx, http.MethodPost, "/v1/tasks", task, &service.Task{}); err != nil {
		return run, err
	}
	err = o.Send(ctx, http.MethodPost, "/v1/tasks/"+key+"/run", map[string]any{"wait_seconds": 60}, &run)
	return run, err
}

// codeOf is the error that a call came to.
func codeOf(run service.Run, err error) ordinaut.Code {
	switch {
	case err != nil:
		return ordinaut.AsError(err).Code
	case run.Error != nil:
		return run.Error.Code
	}
	return succeeded
}

// workedFor is how long a run was worked on; nothing if it has not ended.
func workedFor(run service.Run) time.Duration {
	if run.ClaimedAt == nil || run.FinishedAt == nil {
		return 0
	}
	return run.FinishedAt.Sub(*run.ClaimedAt)
}
