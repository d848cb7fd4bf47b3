// Command bench measures the speed of Ordinaut beside raw references and
// rivals, in one run on one computer, the sides alternating. What it claims is
// therefore a ratio: figures per second move with the neighbours of a computer,
// ratios and processor time hardly do.
//
// It measures what a user gets: the built binary, the engine with its default
// settings, the operation with all its checks, and always a store that survives
// the loss of power. A missed gate is told, and is no error.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"

	"github.com/ordinaut/ordinaut/internal/spawn"
)

// options are the flags.
type options struct {
	rows    int
	n       int
	pairs   int
	dir     string
	profile string
	only    string
}

func main() {
	spawn.Main()
	if len(os.Args) == 2 && os.Args[1] == echoArgument {
		if err := serveEcho(context.Background()); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		return
	}
	debug.SetGCPercent(400) // as the binary does; it holds for both sides
	var o options
	flag.IntVar(&o.rows, "rows", 20_000, "runs to drain; River gets a tenth, being that much slower")
	flag.IntVar(&o.n, "n", 2_000, "single creations of each side")
	flag.IntVar(&o.pairs, "pairs", 3, "rounds in which the sides alternate")
	flag.StringVar(&o.dir, "dir", os.TempDir(), "where the databases lie; the disk decides much")
	flag.StringVar(&o.profile, "profile", "", "write a CPU profile of each drain of the engine and of its flows to this `file`, with a number")
	flag.StringVar(&o.only, "only", "", "measure only this `part`: dev, mcp, drain, create or flows")
	flag.Parse()
	known := o.only == "" || slices.ContainsFunc(parts(), func(p part) bool { return p.name == o.only })
	if !known || o.rows < 1 || o.n < 1 || o.pairs < 1 {
		fmt.Fprintln(os.Stderr, "bench: -rows, -n and -pairs must be at least 1, and -only the name of a part")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, o, report{os.Stdout}); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run measures everything, and tells each part as soon as it is known.
func run(ctx context.Context, o options, r report) error {
	r.head(o)
	for _, part := range parts() {
		if o.only != "" && o.only != part.name {
			continue
		}
		if err := part.report(ctx, o, r); err != nil {
			return err
		}
	}
	return nil
}

// A part measures and tells one thing.
type part struct {
	name   string
	report func(context.Context, options, report) error
}

func parts() []part {
	return []part{{"dev", reportDev}, {"mcp", reportMCP}, {"drain", reportDrain}, {"create", reportCreate}, {"flows", reportFlows}}
}

func reportDev(ctx context.Context, o options, r report) error {
	f, err := inFolder(o.dir, func(dir string) (devFigures, error) { return measureDev(ctx, dir) })
	if err != nil {
		return fmt.Errorf("measure ordinaut dev: %w", err)
	}
	r.title(fmt.Sprintf("ordinaut dev, stripped and static: %d starts in empty folders and in used ones; idle for %s with %d tasks",
		devStarts, devIdle, devTasks))
	r.goals(
		goal{what: "start to /readyz, empty folder", got: median(f.first), unit: "ms", gate: 300, atMost: true},
		goal{what: "start to /readyz, used folder", got: median(f.again), unit: "ms", gate: 300, atMost: true},
		goal{what: "memory, idle", got: f.resident, unit: "MiB", gate: 60, atMost: true},
		goal{what: "  of it not backed by a file", got: f.anonymous, unit: "MiB", gate: 60, atMost: true},
		goal{what: "processor, idle", got: f.idle, unit: "% of one", gate: 1, atMost: true},
		goal{what: "binary", got: float64(f.binary) / 1e6, unit: "MB", gate: 40, atMost: true},
	)
	return nil
}

func reportDrain(ctx context.Context, o options, r report) error {
	p, jobs := newProfile(o.profile), max(1, o.rows/10)
	all, err := alternate(ctx, o.dir, o.pairs,
		side{"Ordinaut, default settings", func(ctx context.Context, dir string) (sample, error) {
			return drainEngine(ctx, dir, o.rows, p)
		}},
		side{"raw loop, 100 at once, two commits", func(ctx context.Context, dir string) (sample, error) {
			return drainRaw(ctx, dir, o.rows, false)
		}},
		side{"raw loop, 100 at once, one commit", func(ctx context.Context, dir string) (sample, error) {
			return drainRaw(ctx, dir, o.rows, true)
		}},
		side{"River", func(ctx context.Context, dir string) (sample, error) { return drainRiver(ctx, dir, jobs) }},
	)
	if err != nil {
		return err
	}
	ours, raw, fused, river := all[0], all[1], all[2], all[3]
	r.title(fmt.Sprintf("Drain of a queue filled before: one-step runs, each with its run and step recorded\n"+
		"  River: %d workers, fetch every %s, poll every %s, no-op job, until it is told of as completed", riverWorkers, riverCooldown, riverPoll))
	r.sides(all...)
	r.effort(ours, raw, river)
	r.goals(
		goal{what: "runs per second, of River", got: ours.over(river, sample.rate), unit: "×", gate: 15, target: 30},
		goal{what: "runs per second, of the raw loop with two commits", got: 100 * ours.over(raw, sample.rate), unit: "%", gate: 50, target: 75},
		goal{what: "runs per second, of the raw loop with one commit", got: 100 * ours.over(fused, sample.rate), unit: "%", gate: 50, target: 75},
	)
	return nil
}

func reportCreate(ctx context.Context, o options, r report) error {
	r.title("Single creations: a task through its operation, with scope, schema, schedule and pipeline checked; a job of River by Insert")
	for _, callers := range []int{1, 8, 32} {
		by := fmt.Sprintf(", callers: %d", callers)
		all, err := alternate(ctx, o.dir, o.pairs,
			side{"Ordinaut" + by, func(ctx context.Context, dir string) (sample, error) {
				return createTasks(ctx, dir, o.n, callers)
			}},
			side{"River" + by, func(ctx context.Context, dir string) (sample, error) {
				return createRiver(ctx, dir, o.n, callers)
			}},
		)
		if err != nil {
			return err
		}
		r.sides(all...)
		r.effort(all[0], all[1])
		r.goals(goal{what: "creations per second, of River", got: all[0].over(all[1], sample.rate), unit: "×", gate: 1.5, target: 3})
	}
	return nil
}
