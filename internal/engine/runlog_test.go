package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/internal/pipeline"
)

// shelf is a place for lines that may be away, or take its time.
type shelf struct {
	ordinaut.Logs
	mu      sync.Mutex
	away    bool
	slow    time.Duration
	lines   []string
	batches []time.Duration // when each came, counted from the start
	start   time.Time
}

func (s *shelf) AppendLog(ctx context.Context, lines ...ordinaut.LogLine) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.slow > 0 {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(s.slow):
		}
	}
	if s.away {
		return errors.New("the store is away")
	}
	for _, l := range lines {
		s.lines = append(s.lines, strings.TrimSpace(l.Step+" "+l.Words()))
	}
	s.batches = append(s.batches, time.Since(s.start))
	return nil
}

func (s *shelf) goes(away bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.away = away
}

// writing tells a story of lines in virtual time, and gives what was written.
func writing(t *testing.T, s *shelf, tell func(l *runLogs)) *shelf {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s.start = time.Now()
		l := &runLogs{
			store: s, log: slog.New(slog.DiscardHandler),
			books: map[*runLog]bool{}, some: make(chan struct{}, 1), many: make(chan struct{}, 1),
		}
		want := errors.New("the work is over")
		if err := l.during(func() error { tell(l); return want }); !errors.Is(err, want) {
			t.Errorf("got %v, want what the work came to", err)
		}
	})
	return s
}

func (l *runLogs) book(run ordinaut.RunID) *runLog { return l.open(run, slog.New(slog.DiscardHandler)) }

func aCall(path string) pipeline.Call {
	return pipeline.Call{Path: path, Attempt: 1, Tool: "script.say"}
}

// lapse lets virtual time go by.
func lapse(d time.Duration) { <-time.After(d) }

func TestLinesAreWrittenTogetherAfterAMoment(t *testing.T) {
	t.Parallel()
	s := writing(t, &shelf{}, func(l *runLogs) {
		a, b := l.book("a"), l.book("b")
		a.of(aCall("x"))("one")
		lapse(limits.RunLogWait / 2)
		a.of(aCall("y"))("two")
		b.of(aCall("z"))("three")
		lapse(time.Minute)
		a.of(aCall("x"))("four")
	})
	slices.Sort(s.lines[:3]) // runs are written in any order
	if diff := cmp.Diff([]string{"x one", "y two", "z three", "x four"}, s.lines); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]time.Duration{limits.RunLogWait, limits.RunLogWait/2 + time.Minute}, s.batches); diff != "" {
		t.Errorf("batches (-want +got):\n%s", diff)
	}
}

func TestManyLinesAreWrittenAtOnce(t *testing.T) {
	t.Parallel()
	s := writing(t, &shelf{}, func(l *runLogs) {
		say := l.book("a").of(aCall("x"))
		for range limits.RunLogUnwritten/limits.LogLineBytes/2 + 1 {
			say(strings.Repeat("x", limits.LogLineBytes))
		}
		lapse(limits.RunLogWait / 2)
	})
	if len(s.batches) != 1 || s.batches[0] != 0 {
		t.Errorf("got batches at %v, want one at once", s.batches)
	}
}

func TestACallIsNeverHeldUpByTheStore(t *testing.T) {
	t.Parallel()
	const lines = 3 * limits.RunLogUnwritten / limits.LogLineBytes
	s := writing(t, &shelf{away: true}, func(l *runLogs) {
		s, book := l.store.(*shelf), l.book("a")
		start := time.Now()
		for n := range lines {
			book.of(aCall("x"))(fmt.Sprintf("%03d %s", n, strings.Repeat("x", limits.LogLineBytes)))
			if n%10 == 0 {
				synctest.Wait() // attempts to write fail meanwhile
			}
		}
		if took := time.Since(start); took != 0 {
			t.Errorf("the calls took %v", took)
		}
		book.mu.Lock()
		unwritten := book.page.bytes
		book.mu.Unlock()
		if unwritten > limits.RunLogUnwritten {
			t.Errorf("got %d bytes that are not written", unwritten)
		}
		lapse(time.Minute)
		s.goes(false)
		lapse(2 * time.Second)
		book.of(aCall("x"))("it is back")
	})
	var lost int
	if _, err := fmt.Sscanf(s.lines[0], "x … %d lines are lost", &lost); err != nil || lost+len(s.lines)-2 != lines {
		t.Errorf("got %q before %d lines, want to hear how many of %d are lost", s.lines[0], len(s.lines)-2, lines)
	}
	if want := fmt.Sprintf("x %03d", lost); !strings.HasPrefix(s.lines[1], want) {
		t.Errorf("got %.20q, want that the oldest are lost", s.lines[1])
	}
	if last := s.lines[len(s.lines)-1]; last != "x it is back" {
		t.Errorf("got %.20q last", last)
	}
}

func TestLinesStandBeforeTheResultOfTheirStep(t *testing.T) {
	t.Parallel()
	s := writing(t, &shelf{slow: time.Second}, func(l *runLogs) {
		book := l.book("a")
		book.begun(ordinaut.StepResult{Path: "quick", Attempt: 1})
		book.of(aCall("quick"))("hello")
		var taken []string
		for _, line := range book.take("quick") {
			taken = append(taken, line.Words())
		}
		if diff := cmp.Diff([]string{"hello"}, taken); diff != "" {
			t.Errorf("a quick step (-want +got):\n%s", diff)
		}
		book.begun(ordinaut.StepResult{Path: "slow", Attempt: 1})
		lapse(2 * limits.RunLogWait)
		start := time.Now()
		if lines := book.take("slow"); len(lines) > 0 || time.Since(start) != time.Second-limits.RunLogWait {
			t.Errorf("got %v after %v, want nothing, once what was on its way is written", lines, time.Since(start))
		}
	})
	if diff := cmp.Diff([]string{"slow started"}, s.lines); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAStoreThatHangsHoldsAStepUpForSoLong(t *testing.T) {
	t.Parallel()
	writing(t, &shelf{slow: time.Hour}, func(l *runLogs) {
		book := l.book("a")
		book.of(aCall("x"))("hello")
		lapse(limits.RunLogWait)
		synctest.Wait()
		start := time.Now()
		if lines := book.take("x"); len(lines) != 1 || time.Since(start) > flushWait {
			t.Errorf("got %d lines after %v, want that which could not be written", len(lines), time.Since(start))
		}
	})
}

func TestALineIsShortenedBetweenCharacters(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"", "short", strings.Repeat("ș", limits.LogLineBytes), "a" + strings.Repeat("ș", limits.LogLineBytes), "\xff", strings.Repeat("x", limits.LogLineBytes)} {
		got := shorten(line)
		if len(got) > limits.LogLineBytes || !utf8.ValidString(got) || len(line) <= limits.LogLineBytes && utf8.ValidString(line) && got != line {
			t.Errorf("%.10q (%d bytes): got %d bytes", line, len(line), len(got))
		}
	}
}
