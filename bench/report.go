package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"text/tabwriter"
)

// A goal is a figure beside what it must reach.
type goal struct {
	what   string
	got    float64
	unit   string
	gate   float64
	target float64 // 0 is none
	atMost bool    // less is better
}

func (g goal) reached(bound float64) bool {
	if g.atMost {
		return g.got <= bound
	}
	return g.got >= bound
}

// verdict says what is reached, in words.
func (g goal) verdict() string {
	switch {
	case !g.reached(g.gate):
		return "GATE MISSED"
	case g.target == 0:
		return "gate reached"
	case !g.reached(g.target):
		return "gate reached, target missed"
	default:
		return "gate and target reached"
	}
}

// report writes tables for people.
type report struct{ out io.Writer }

// head says on what, and with which versions, the figures were measured.
func (r report) head(o options) {
	load, _ := os.ReadFile("/proc/loadavg")
	versions := map[string]string{}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			versions[m.Path] = m.Version
		}
	}
	fmt.Fprintf(r.out, `Ordinaut bench
  computer   %s/%s, %d processors, load %s
  versions   %s, modernc.org/sqlite %s, river %s, riversqlite %s, DBOS %s, MCP SDK %s
  databases  one folder each below %s; WAL, synchronous=FULL, 32 MiB cache
  rounds     %d, sides alternating; medians, with the lowest and the highest in brackets
`, runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), cmp.Or(strings.TrimSpace(string(load)), "unknown"),
		runtime.Version(), versions["modernc.org/sqlite"],
		versions["github.com/riverqueue/river"], versions["github.com/riverqueue/river/riverdriver/riversqlite"],
		versions["github.com/dbos-inc/dbos-transact-golang"], versions["github.com/modelcontextprotocol/go-sdk"],
		o.dir, o.pairs)
}

func (r report) title(text string) { fmt.Fprintf(r.out, "\n%s\n", text) }

// sides shows what each side did.
func (r report) sides(all ...series) {
	r.table("side\toperations\tper second\t\tCPU µs each\t", func(row func(string, ...any)) {
		for _, s := range all {
			low, rate, high := s.spread(sample.rate)
			_, cost, _ := s.spread(sample.cost)
			row("%s\t%d\t%.0f\t(%.0f–%.0f)\t%.1f\t", s.name, s.samples[0].ops, rate, low, high, cost)
		}
	})
}

// effort compares the processor time of the first with that of each other.
func (r report) effort(mine series, others ...series) {
	for _, o := range others {
		fmt.Fprintf(r.out, "  %s: %s × the processor time of %s\n", mine.name, figure(mine.over(o, sample.cost)), o.name)
	}
}

// goals shows what was to be reached.
func (r report) goals(all ...goal) {
	r.table("goal\treached\tgate\ttarget\t\t", func(row func(string, ...any)) {
		for _, g := range all {
			target, sign := "-", "≥"
			if g.atMost {
				sign = "≤"
			}
			if g.target > 0 {
				target = figure(g.target)
			}
			row("%s\t%s %s\t%s %s\t%s\t%s\t", g.what, figure(g.got), g.unit, sign, figure(g.gate), target, g.verdict())
		}
	})
}

// figure writes a number as short as people want it.
func figure(v float64) string {
	if v >= 100 {
		return fmt.Sprintf("%.0f", v)
	}
	return strings.TrimSuffix(fmt.Sprintf("%.2f", v), ".00")
}

func (r report) table(head string, fill func(row func(string, ...any))) {
	w := tabwriter.NewWriter(r.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "  "+head)
	fill(func(format string, args ...any) { fmt.Fprintf(w, "  "+format+"\n", args...) })
	_ = w.Flush()
}
