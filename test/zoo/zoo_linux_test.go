package zoo

import (
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/test/realtest"
)

var (
	rounds = flag.Int("zoo.rounds", 2, "how often each animal is called")
	only   = flag.String("zoo.only", "", "call only this animal")
)

const (
	grace  = 2 * time.Second // for the server to notice that a call is over
	growth = 128 << 20       // of the server's memory, at most
	gone   = time.Second     // until no process is left
	atOnce = 8               // animals: some of them take all of a processor
)

// TestZoo calls every animal, over and over and several at once, among good
// calls: 25 of them for each round, and 200 at least.
func TestZoo(t *testing.T) {
	dir := t.TempDir()
	book := &book{t: t, outcomes: map[string]map[ordinaut.Code]int{}}
	o := start(t, dir, nil)
	book.good(o, 20)
	before, _ := o.Memory()
	o.Stop()

	o = start(t, dir, caged())
	var all sync.WaitGroup
	turns := make(chan struct{}, atOnce)
	for _, c := range caged() {
		all.Go(func() { book.visit(o, c, *rounds, turns) })
	}
	for range 5 {
		all.Go(func() { book.good(o, max(40, 5**rounds)) })
	}
	all.Wait()
	_, peak := o.Memory()
	if grown := peak - before; grown > growth {
		t.Errorf("the server's memory has grown by %d MiB, want at most %d", grown>>20, growth>>20)
	}
	busy := len(alive(t)) - 1

	o.Stop()
	left := realtest.Await(t, gone, "no process is left after a stop", func() bool { return len(alive(t)) == 0 })
	for _, bad := range []string{"panic", "broke down", "goroutine "} {
		if strings.Contains(o.Log(), bad) {
			t.Errorf("the server's log speaks of %q", bad)
		}
	}
	book.print()
	t.Logf("memory %d MiB before, %d MiB at most; %d processes of animals before the stop, none %v after it",
		before>>20, peak>>20, busy, left.Round(time.Millisecond))
}

// TestNothingSurvivesTheServer kills the server while all animals are at work.
func TestNothingSurvivesTheServer(t *testing.T) {
	o := start(t, t.TempDir(), cages())
	var all sync.WaitGroup
	for _, c := range cages() {
		all.Go(func() {
			_, _ = o.call(t.Context(), c.name, c.name+".bad", time.Minute) // cut short by the death of the server
		})
	}
	const some = 40 // animals and keepers
	realtest.Await(t, 30*time.Second, "many animals are at work", func() bool { return len(alive(t)) > some })
	busy := len(alive(t)) - 1
	o.Kill()
	left := realtest.Await(t, gone, "no process is left after a kill", func() bool { return len(alive(t)) == 0 })
	all.Wait()
	t.Logf("%d processes of animals before the kill, none %v after it", busy, left.Round(time.Millisecond))
}

// caged is the animals that are to be called.
func caged() []cage {
	return slices.DeleteFunc(cages(), func(c cage) bool { return *only != "" && *only != c.name })
}

// book writes down what calls came to.
type book struct {
	t        *testing.T
	mu       sync.Mutex
	outcomes map[string]map[ordinaut.Code]int
	goods    int
	longest  time.Duration // of a bad call
}

// visit calls the bad tool of an animal, over and over, and after each call that
// its server does not survive the good one.
func (b *book) visit(o instance, c cage, rounds int, turns chan struct{}) {
	for range rounds {
		turns <- struct{}{}
		b.bad(o, c)
		if c.ends {
			b.mustSucceed(o, c.name+"-good", c.name+".good")
		}
		<-turns
	}
}

func (b *book) bad(o instance, c cage) {
	run, err := o.call(b.t.Context(), c.name, c.name+".bad", c.timeout())
	code, took := codeOf(run, err), workedFor(run)
	b.mu.Lock()
	if b.outcomes[c.name] == nil {
		b.outcomes[c.name] = map[ordinaut.Code]int{}
	}
	b.outcomes[c.name][code]++
	b.longest = max(b.longest, took)
	b.mu.Unlock()
	switch {
	case !c.allows(code):
		b.t.Errorf("%s: got %q, %v, %+v; want one of %q", c.name, code, err, run.Error, c.codes)
	case took > c.timeout()+grace:
		b.t.Errorf("%s: the call took %v, want at most %v", c.name, took, c.timeout()+grace)
	case code == succeeded && len(run.Artifacts) == 0 && !strings.Contains(string(run.Output), "honest"):
		b.t.Errorf("%s: got %s, want the honest answer", c.name, run.Output)
	}
}

// good makes good calls of a good server.
func (b *book) good(o instance, calls int) {
	for range calls {
		b.mustSucceed(o, "tame", "tame.good")
	}
}

// mustSucceed makes a good call.
func (b *book) mustSucceed(o instance, key, tool string) {
	run, err := o.call(b.t.Context(), key, tool, 30*time.Second)
	if err != nil || run.Status != ordinaut.RunSucceeded || !strings.Contains(string(run.Output), "honest "+string(run.ID)) {
		b.t.Errorf("%s: got %s, %v, %+v, %s; want its own arguments", tool, run.Status, err, run.Error, run.Output)
		return
	}
	b.mu.Lock()
	b.goods++
	b.mu.Unlock()
}

// print prints the figures.
func (b *book) print() {
	calls := 0
	var lines []string
	for name, codes := range b.outcomes {
		line := fmt.Sprintf("%-16s", name)
		for _, code := range slices.Sorted(maps.Keys(codes)) {
			calls += codes[code]
			line += fmt.Sprintf(" %d × %s", codes[code], orSucceeded(code))
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	b.t.Logf("%d bad calls of %d animals, the longest %v; %d good calls\n%s",
		calls, len(b.outcomes), b.longest.Round(time.Millisecond), b.goods, strings.Join(lines, "\n"))
}

func orSucceeded(code ordinaut.Code) string {
	if code == succeeded {
		return "succeeded"
	}
	return string(code)
}
