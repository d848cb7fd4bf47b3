package ordinauttest

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/engine"
	"github.com/ordinaut/ordinaut/internal/op"
	"github.com/ordinaut/ordinaut/internal/server"
	"github.com/ordinaut/ordinaut/internal/service"
	"github.com/ordinaut/ordinaut/internal/store/sqlite"
	"github.com/ordinaut/ordinaut/internal/tool"
	"github.com/ordinaut/ordinaut/internal/tool/builtin"
)

// Options is how a world is made. The zero value works.
type Options struct {
	Zone   string // of schedules that name none
	Script *Script
	Log    *slog.Logger
	Grace  time.Duration // how long runs may finish at Stop

	// Tune changes what the engine works with, such as a store that stands in
	// front of the real one.
	Tune func(*engine.Options)
}

// World is a whole Ordinaut.
type World struct {
	t     *testing.T
	o     Options
	dir   string
	agent ordinaut.Agent

	Store ordinaut.Store
	ops   *op.Set

	cut   *cut
	stop  context.CancelFunc
	abort context.CancelFunc
	ended chan error
}

// Start starts a world that ends with the test.
func Start(t *testing.T, o Options) *World {
	t.Helper()
	w := &World{t: t, o: o, dir: folder(t)}
	w.Restart()
	t.Cleanup(func() { w.Stop() })
	return w
}

// folder is a data folder in memory where there is such a thing: virtual months
// make more commits than a disk takes in seconds, and what a disk keeps is not
// what virtual time can test.
func folder(t *testing.T) string {
	dir, err := os.MkdirTemp("/dev/shm", "ordinaut-test-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// Pass lets virtual time go by. It returns when everything that follows from it
// has happened.
func Pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// Restart starts the world again in its data folder, as a new process would.
func (w *World) Restart() {
	w.t.Helper()
	ctx := w.t.Context()
	store, err := sqlite.Open(ctx, sqlite.Options{Dir: w.dir, Log: w.o.Log})
	w.must(err)
	w.agent, err = server.Admin(ctx, store)
	w.must(err)
	transports := builtin.Tools(builtin.Options{})
	if w.o.Script != nil {
		transports = append(transports, w.o.Script)
	}
	tools, err := tool.New(ctx, transports...)
	w.must(err)
	w.ops, err = server.Ops(ctx, service.Options{Store: store, Tools: tools, Zone: w.o.Zone, Version: "test"})
	w.must(err)
	w.cut = &cut{Store: store}
	w.Store = store
	w.run(tools)
}

// run starts the engine behind the cut.
func (w *World) run(tools *tool.Catalog) {
	var stop, abort context.Context
	stop, w.stop = context.WithCancel(context.WithoutCancel(w.t.Context()))
	abort, w.abort = context.WithCancel(context.WithoutCancel(w.t.Context()))
	o := engine.Options{Store: w.cut, Tools: tools, Log: w.o.Log, Grace: w.o.Grace, Reclaim: time.Hour}
	if probes, ok := w.Store.(engine.ProbeStore); ok {
		o.Probes = cutProbes{probes, w.cut}
	}
	if w.o.Tune != nil {
		w.o.Tune(&o)
	}
	e := engine.New(o)
	w.ended = make(chan error, 1)
	go func() { w.ended <- e.Run(stop, abort) }()
}

// Stop stops the world as SIGTERM does: runs may finish, and the rest is handed
// back.
func (w *World) Stop() {
	w.t.Helper()
	if w.ended == nil {
		return
	}
	w.stop()
	if err := <-w.ended; err != nil {
		w.t.Errorf("the engine ended with %v", err)
	}
	w.abort()
	w.ended = nil
	w.must(w.Store.Close())
}

// Abort stops the world as a second SIGTERM does: everything under way is handed
// back at once.
func (w *World) Abort() {
	w.t.Helper()
	w.abort()
	w.Stop()
}

// Crash ends the world as a power cut does: from this moment on nothing it does
// reaches the store.
func (w *World) Crash() {
	w.t.Helper()
	w.cut.crash()
	w.stop()
	w.abort()
	<-w.ended
	w.ended = nil
	w.must(w.Store.Close())
}

// Call does an operation as the admin, and returns its result as JSON.
func (w *World) Call(name, request string) (json.RawMessage, error) {
	w.t.Helper()
	o := w.ops.Find(name)
	if o == nil {
		w.t.Fatalf("there is no operation %s", name)
	}
	result, err := w.ops.Call(ordinaut.WithAgent(w.t.Context(), w.agent), o, json.RawMessage(request))
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(result)
	w.must(err)
	return text, nil
}

// Do does an operation that must go well.
func (w *World) Do(name, request string) json.RawMessage {
	w.t.Helper()
	result, err := w.Call(name, request)
	w.must(err)
	return result
}

// Create creates a task that must be good, and returns its id.
func (w *World) Create(task string) ordinaut.TaskID {
	w.t.Helper()
	var created struct{ ID ordinaut.TaskID }
	w.must(json.Unmarshal(w.Do("task.create", task), &created))
	return created.ID
}

func (w *World) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}
