package main

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/ordinaut/ordinaut/internal/spawn"
)

// TestMain lets the test binary be the keeper and the MCP server that is called.
func TestMain(m *testing.M) {
	if spawn.Main(); len(os.Args) == 2 && os.Args[1] == echoArgument {
		if err := serveEcho(context.Background()); err != nil {
			panic(err)
		}
		return
	}
	os.Exit(m.Run())
}

// TestSides carries out every side with very little to do, so that the
// measurements are known to work before anybody waits for them.
func TestSides(t *testing.T) {
	t.Parallel()
	sides := []side{
		{"the raw loop with two commits", func(ctx context.Context, dir string) (sample, error) { return drainRaw(ctx, dir, 250, false) }},
		{"the raw loop with one commit", func(ctx context.Context, dir string) (sample, error) { return drainRaw(ctx, dir, 250, true) }},
		{"River drains", func(ctx context.Context, dir string) (sample, error) { return drainRiver(ctx, dir, 250) }},
		{"River inserts", func(ctx context.Context, dir string) (sample, error) { return createRiver(ctx, dir, 250, 8) }},
		{"the engine drains", func(ctx context.Context, dir string) (sample, error) { return drainEngine(ctx, dir, 250, nil) }},
		{"the SDK calls", func(ctx context.Context, _ string) (sample, error) { return callBare(ctx, 250) }},
		{"the catalog calls", func(ctx context.Context, _ string) (sample, error) { return callCatalog(ctx, 250) }},
		{"a step calls", func(ctx context.Context, dir string) (sample, error) {
			s, err := callSteps(ctx, dir, 200)
			s.ops += 50 // its runs have a hundred steps each
			return s, err
		}},
		{"flows are asked for", func(ctx context.Context, dir string) (sample, error) { return callFlows(ctx, dir, 250, 8, nil) }},
		{"flows are drained", func(ctx context.Context, dir string) (sample, error) { return drainFlows(ctx, dir, 250, 8, nil) }},
		{"DBOS carries out", func(ctx context.Context, dir string) (sample, error) { return callDBOS(ctx, dir, 250, 8, dbosSync) }},
		{"the raw checkpoints coalesce", func(ctx context.Context, dir string) (sample, error) { return callCoalesced(ctx, dir, 250, 8) }},
		{"the operation creates", func(ctx context.Context, dir string) (sample, error) { return createTasks(ctx, dir, 250, 8) }},
	}
	for _, s := range sides {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			got, err := s.run(ctx, t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			if got.ops != 250 || got.wall <= 0 || got.cpu <= 0 {
				t.Errorf("got %+v, want 250 operations that took time", got)
			}
		})
	}
}

func TestMedianIsTheMiddle(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		values []float64
		want   float64
	}{{[]float64{7}, 7}, {[]float64{9, 1, 5}, 5}, {[]float64{4, 1, 2, 9}, 3}} {
		if got := median(c.values); got != c.want {
			t.Errorf("median of %v: got %v, want %v", c.values, got, c.want)
		}
	}
}

func TestRatiosAreTakenRoundByRound(t *testing.T) {
	t.Parallel()
	at := func(ops ...int) (s series) {
		for _, n := range ops {
			s.samples = append(s.samples, sample{ops: n, wall: time.Second})
		}
		return s
	}
	if got := at(20, 300, 40).over(at(10, 100, 10), sample.rate); got != 3 {
		t.Errorf("got %v, want 3, the middle of 2, 3 and 4", got)
	}
}

func TestGoals(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	report{&out}.goals(
		goal{what: "slow", got: 1, unit: "×", gate: 2, target: 3},
		goal{what: "fair", got: 2.5, unit: "×", gate: 2, target: 3},
		goal{what: "fast", got: 120, unit: "ms", gate: 300, atMost: true},
	)
	want := strings.TrimPrefix(`
  goal  reached  gate   target                               
  slow  1 ×      ≥ 2    3       GATE MISSED                  
  fair  2.50 ×   ≥ 2    3       gate reached, target missed  
  fast  120 ms   ≤ 300  -       gate reached                 
`, "\n")
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}

func TestProcIsRead(t *testing.T) {
	t.Parallel()
	if got, err := mebibytes("00-ff ---p 00 00:00 0 [rollup]\nRss:   2048 kB\nAnonymous:  512 kB\n", "Anonymous:"); err != nil || got != 0.5 {
		t.Errorf("got %v MiB and error %v, want 0.5", got, err)
	}
	if got, err := usedTime("7 (an (odd) name) S 1 2 3 4 5 6 7 8 9 10 200 50 0 0"); err != nil || got != 2500*time.Millisecond {
		t.Errorf("got %v and error %v, want 2.5s", got, err)
	}
}
