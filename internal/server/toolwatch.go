package server

import (
	"context"
	"os"
	"time"

	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/internal/telemetry"
)

// fileStamp tells one state of a file from another.
type fileStamp struct {
	changed time.Time
	size    int64
}

// stampOf is the stamp of a file; the zero one when there is none.
func stampOf(path string) fileStamp {
	info, err := os.Stat(path)
	if err != nil {
		return fileStamp{}
	}
	return fileStamp{info.ModTime(), info.Size()}
}

// watchEvery is how often the catalog file is looked at. Looking costs
// microseconds, and works on every file system.
const watchEvery = 2 * time.Second

// run lists the tools of servers that nobody has listed yet, and takes over
// changes of the catalog file, until the context ends.
func (b *toolbox) run(ctx context.Context) {
	b.look(ctx)
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if b.changed() {
			b.reread(ctx)
		}
	}
}

// look lists servers that nobody has listed yet.
func (b *toolbox) look(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, limits.ToolStart)
	defer cancel()
	b.catalog.Look(ctx)
}

func (b *toolbox) changed() bool {
	stamp := stampOf(b.path)
	b.mu.Lock()
	defer b.mu.Unlock()
	if stamp == b.stamp {
		return false
	}
	b.stamp = stamp
	return true
}

// reread takes over a changed file. One that is mistaken, or gone, changes
// nothing, so that a slip of the pen takes no tool away from a task.
func (b *toolbox) reread(ctx context.Context) {
	if err := b.read(); err != nil {
		b.settings.Log.Error("the catalog file has changed and cannot be taken over; the tools stay as they were", telemetry.KeyError, err)
		return
	}
	b.settings.Log.Info("the catalog file has changed and was taken over", telemetry.KeyFile, b.path)
	b.look(ctx)
}
