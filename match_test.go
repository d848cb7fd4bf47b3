package ordinaut_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ordinaut/ordinaut"
)

func TestARunThatGathersStartsWhenItIsDue(t *testing.T) {
	t.Parallel()
	first := time.Date(2027, 3, 1, 8, 0, 0, 0, time.UTC)
	batch := ordinaut.Gather{Window: time.Minute, Most: 3, Bytes: 100}
	debounce := ordinaut.Gather{Window: time.Minute, Quiet: 10 * time.Second, Most: 3, Bytes: 100}
	for name, c := range map[string]struct {
		g            ordinaut.Gather
		after        time.Duration
		events, size int
		want         time.Duration
	}{
		"a batch, at the end of its window":               {batch, 20 * time.Second, 2, 99, time.Minute},
		"one that is full, at once":                       {batch, 20 * time.Second, 3, 99, 20 * time.Second},
		"one that is large, at once":                      {batch, 20 * time.Second, 2, 100, 20 * time.Second},
		"after a while of quiet":                          {debounce, 20 * time.Second, 2, 99, 30 * time.Second},
		"where it is never quiet, at the end of a window": {debounce, 55 * time.Second, 2, 99, time.Minute},
	} {
		if got := c.g.Start(first, first.Add(c.after), c.events, c.size).Sub(first); got != c.want {
			t.Errorf("%s: got %v after the first event, want %v", name, got, c.want)
		}
	}
}

func TestARunYieldsToThoseBeforeIt(t *testing.T) {
	t.Parallel()
	type yields struct {
		Parks bool
		Why   ordinaut.Reason
	}
	runs, parks := yields{}, yields{Parks: true}
	overlap, limit := yields{Why: ordinaut.ReasonOverlap}, yields{Why: ordinaut.ReasonLimit}
	for policy, want := range map[ordinaut.OverlapPolicy][]yields{ // none, one at work, one parked behind it, many
		ordinaut.OverlapAllow:         {runs, runs, runs, runs},
		ordinaut.OverlapSkip:          {runs, overlap, overlap, overlap},
		ordinaut.OverlapBufferOne:     {runs, parks, overlap, overlap},
		ordinaut.OverlapBufferAll:     {runs, parks, parks, limit},
		ordinaut.OverlapCancelRunning: {runs, parks, parks, limit},
	} {
		var got []yields
		for _, have := range [][2]int{{0, 0}, {1, 0}, {2, 1}, {11, 10}} {
			var y yields
			y.Parks, y.Why = policy.Yields(have[0], have[1], 10)
			got = append(got, y)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", policy, diff)
		}
	}
}

func TestADecisionHeedsEachLookoutOnce(t *testing.T) {
	t.Parallel()
	m := ordinaut.Match{
		Runs:    []ordinaut.Triggered{{Lookout: 3}, {Lookout: 1}, {Lookout: 3}},
		Answers: []ordinaut.EventAnswer{{Lookout: 2}, {Lookout: 1}},
	}
	if diff := cmp.Diff([]int64{1, 2, 3}, m.Heeded()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
