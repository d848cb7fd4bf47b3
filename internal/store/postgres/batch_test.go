package postgres

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// commits are the groups that a batch has carried out, each in a second of virtual
// time. Odd requests fail.
type commits struct {
	groups [][]int
	under  int
}

var errOdd = errors.New("it is odd")

func (c *commits) together(_ context.Context, requests []int) []error {
	c.groups = append(c.groups, requests)
	if c.under++; c.under > 1 {
		panic("two commits are under way at once")
	}
	<-time.After(time.Second)
	c.under--
	errs := make([]error, len(requests))
	for i, r := range requests {
		if r%2 == 1 {
			errs[i] = errOdd
		}
	}
	return errs
}

func TestBatch(t *testing.T) {
	t.Parallel()
	t.Run("who comes alone is carried out at once, and those who come meanwhile together", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			var c commits
			b, began := newBatch(3, c.together), time.Now()
			var done sync.WaitGroup
			for i := range 6 {
				done.Go(func() {
					if err := b.submit(t.Context(), i); !errors.Is(err, outcome(i)) {
						t.Errorf("request %d: got error %v, want %v", i, err, outcome(i))
					}
				})
				synctest.Wait()
			}
			done.Wait()
			if diff := cmp.Diff([][]int{{0}, {1, 2, 3}, {4, 5}}, c.groups); diff != "" {
				t.Errorf("groups (-want +got):\n%s", diff)
			}
			if took := time.Since(began); took != 3*time.Second {
				t.Errorf("got %v, want three commits", took)
			}
		})
	})
	t.Run("who gives up before its commit has begun leaves nothing behind, and learns what became of it after that", func(t *testing.T) {
		t.Parallel()
		giveUp(t)
	})
	t.Run("whoever comes and goes, each request that is not given up is carried out once", func(t *testing.T) {
		t.Parallel()
		rapid.Check(t, func(r *rapid.T) {
			waits := rapid.SliceOfN(rapid.IntRange(0, 3000), 1, 20).Draw(r, "milliseconds until a request comes")
			patience := rapid.SliceOfN(rapid.IntRange(0, 3000), len(waits), len(waits)).Draw(r, "milliseconds until it is given up")
			synctest.Test(t, func(t *testing.T) {
				var c commits
				given := comeAndGo(t, newBatch(4, c.together), waits, patience)
				if err := c.once(given); err != nil {
					r.Fatal(err)
				}
			})
		})
	})
}

// giveUp has callers give up at each moment of a request.
func giveUp(t *testing.T) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		var c commits
		b := newBatch(3, c.together)
		errs := make([]error, 4)
		var done sync.WaitGroup
		cancels := make([]context.CancelFunc, 4)
		for i := range errs {
			ctx, cancel := context.WithCancel(t.Context())
			cancels[i] = cancel
			done.Go(func() { errs[i] = b.submit(ctx, 2*i) })
			synctest.Wait()
		}
		cancels[0]() // it is under way
		cancels[1]() // it would have been the next to lead
		synctest.Wait()
		cancels[3]()
		done.Wait()
		want := []error{nil, context.Canceled, nil, context.Canceled}
		for i := range errs {
			if !errors.Is(errs[i], want[i]) {
				t.Errorf("request %d: got error %v, want %v", i, errs[i], want[i])
			}
		}
		if diff := cmp.Diff([][]int{{0}, {4}}, c.groups); diff != "" {
			t.Errorf("groups (-want +got):\n%s", diff)
		}
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if err := b.submit(ended, 8); !errors.Is(err, context.Canceled) || len(c.groups) != 2 {
			t.Errorf("got error %v and %d groups, want %v and nothing carried out", err, len(c.groups), context.Canceled)
		}
	})
}

func outcome(request int) error {
	if request%2 == 1 {
		return errOdd
	}
	return nil
}

// comeAndGo submits requests and says which were given up.
func comeAndGo(t *testing.T, b *batch[int], waits, patience []int) (given []bool) {
	given = make([]bool, len(waits))
	var done sync.WaitGroup
	for i := range waits {
		done.Go(func() {
			<-time.After(time.Duration(waits[i]) * time.Millisecond)
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(patience[i])*time.Millisecond)
			defer cancel()
			given[i] = errors.Is(b.submit(ctx, i), context.DeadlineExceeded)
		})
	}
	done.Wait()
	return given
}

// once says which request was not carried out as often as it should have been.
func (c *commits) once(given []bool) error {
	times := make([]int, len(given))
	for _, group := range c.groups {
		if len(group) == 0 || len(group) > 4 {
			return fmt.Errorf("got a commit of %d requests, want 1 to 4", len(group))
		}
		for _, request := range group {
			times[request]++
		}
	}
	for i, gone := range given {
		if want := map[bool]int{true: 0, false: 1}[gone]; times[i] != want {
			return fmt.Errorf("request %d: carried out %d times, want %d", i, times[i], want)
		}
	}
	return nil
}
