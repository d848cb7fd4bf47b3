package engine

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/internal/pipeline"
	"github.com/ordinaut/ordinaut/internal/telemetry"
)

// runLogs writes down what tools say during their calls. A line waits a moment
// for others, and never for the store: while that is away, so many are kept of
// each run, and the oldest make room. What became of runs and steps the store
// logs itself.
type runLogs struct {
	store ordinaut.Logs
	log   *slog.Logger

	mu    sync.Mutex
	books map[*runLog]bool // that have lines
	some  chan struct{}    // receives when there is a line
	many  chan struct{}    // receives when they should not wait
}

func newRunLogs(o Options) *runLogs {
	return &runLogs{
		store: o.Store, log: o.Log,
		books: map[*runLog]bool{}, some: make(chan struct{}, 1), many: make(chan struct{}, 1),
	}
}

// during writes lines down as long as the work lasts, and those that are left.
func (l *runLogs) during(work func() error) error {
	ctx, end := context.WithCancel(context.Background())
	var writing sync.WaitGroup
	writing.Go(func() { l.write(ctx) })
	err := work()
	end()
	writing.Wait()
	if lost := l.flush(context.Background()); lost != nil {
		l.log.Warn("what tools said last could not be written down", telemetry.KeyError, lost)
	}
	return err
}

// write writes lines down, a moment after the first of them, until ctx ends.
// While the store is away it looks less often, and says so once.
func (l *runLogs) write(ctx context.Context) {
	away := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.some:
		}
		pause(ctx, after(limits.RunLogWait), l.many)
		err := l.flush(ctx)
		if err != nil && !away {
			l.log.Warn("what tools say cannot be written down now", telemetry.KeyError, err)
		}
		if away = err != nil; away {
			pause(ctx, after(calm), nil)
		}
	}
}

// flush writes down what there is. What cannot be written stays.
func (l *runLogs) flush(ctx context.Context) error {
	l.mu.Lock()
	books := l.books
	l.books = map[*runLog]bool{}
	l.mu.Unlock()
	torn := map[*runLog]page{}
	var lines []ordinaut.LogLine
	for book := range books {
		book.away <- struct{}{}
		defer func() { <-book.away }()
		torn[book] = book.tear()
		lines = append(lines, torn[book].told()...)
	}
	if len(lines) == 0 {
		return nil
	}
	// Steps that have ended wait for this, so it must not take for ever.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), flushWait)
	defer cancel()
	err := l.store.AppendLog(ctx, lines...)
	if err != nil {
		for book, p := range torn {
			book.putBack(p)
		}
	}
	return err
}

// flushWait is how long a store may take for what tools said.
const flushWait = 5 * time.Second

// wake has the lines of a book written down.
func (l *runLogs) wake(book *runLog, now bool) {
	l.mu.Lock()
	l.books[book] = true
	l.mu.Unlock()
	hint(l.some)
	if now {
		hint(l.many)
	}
}

// hint leaves a hint, unless there is one.
func hint(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// open begins the log of a run under way. What is said is told to log, too.
func (l *runLogs) open(run ordinaut.RunID, log *slog.Logger) *runLog {
	return &runLog{logs: l, run: run, log: log, away: make(chan struct{}, 1)}
}

// runLog is what the tools of one run said and is not yet written down.
type runLog struct {
	logs *runLogs
	run  ordinaut.RunID
	log  *slog.Logger
	away chan struct{} // holds one while lines are on their way, so that what they stand before comes after

	mu   sync.Mutex
	page page
}

// page is lines in their order.
type page struct {
	lines []ordinaut.LogLine
	bytes int
	lost  int // lines that made room, the oldest first
}

// of is where a call says something.
func (b *runLog) of(c pipeline.Call) func(line string) {
	return func(line string) {
		b.log.Info(line, telemetry.KeyStep, c.Path, telemetry.KeyTool, c.Tool)
		b.add(ordinaut.LogLine{
			RunID: b.run, At: time.Now(), Kind: ordinaut.LogSaid,
			Step: c.Path, Attempt: c.Attempt, Tool: c.Tool, Text: shorten(line),
		})
	}
}

// begun notes that a call was begun of which the store does not know. A call
// that ends soon takes the note back.
func (b *runLog) begun(s ordinaut.StepResult) {
	b.add(ordinaut.LogLine{
		RunID: b.run, At: s.StartedAt, Kind: ordinaut.LogStep,
		Step: s.Path, Attempt: s.Attempt, Tool: s.Tool, Status: string(ordinaut.StepRunning),
	})
}

func (b *runLog) add(line ordinaut.LogLine) {
	b.mu.Lock()
	b.page.add(line)
	first, much := len(b.page.lines) == 1, b.page.bytes > limits.RunLogUnwritten/2
	b.mu.Unlock()
	if first || much {
		b.logs.wake(b, much)
	}
}

// lineCost is what a line takes beside its text.
const lineCost = 64

// add adds lines, and drops the oldest when there are too many.
func (p *page) add(lines ...ordinaut.LogLine) {
	for _, line := range lines {
		p.lines = append(p.lines, line)
		p.bytes += len(line.Text) + lineCost
	}
	for p.bytes > limits.RunLogUnwritten {
		p.bytes -= len(p.lines[0].Text) + lineCost
		p.lines = p.lines[1:]
		p.lost++
	}
}

// told is the lines, and before them how many are missing.
func (p page) told() []ordinaut.LogLine {
	if p.lost == 0 || len(p.lines) == 0 {
		return p.lines
	}
	missing := p.lines[0]
	missing.Kind, missing.Text = ordinaut.LogSaid, fmt.Sprintf("… %d lines are lost: they could not be written down in time", p.lost)
	return append([]ordinaut.LogLine{missing}, p.lines...)
}

// tear takes the lines out of the book.
func (b *runLog) tear() page {
	b.mu.Lock()
	defer b.mu.Unlock()
	p := b.page
	b.page = page{}
	return p
}

// putBack puts lines before those that have come meanwhile.
func (b *runLog) putBack(p page) {
	b.mu.Lock()
	p.lost += b.page.lost
	p.add(b.page.lines...)
	b.page = p
	b.mu.Unlock()
	b.logs.wake(b, false)
}

// take takes the lines out to travel with the result of a step, so that they
// stand before it. A note that this step was begun is not needed any more.
func (b *runLog) take(step string) (lines []ordinaut.LogLine) {
	b.away <- struct{}{}
	defer func() { <-b.away }()
	for _, line := range b.tear().told() {
		if line.Kind != ordinaut.LogStep || line.Step != step {
			lines = append(lines, line)
		}
	}
	return lines
}

// shorten makes what was said a text of bounded length.
func shorten(line string) string {
	const more = "…"
	line = strings.ToValidUTF8(line, "\uFFFD")
	if len(line) <= limits.LogLineBytes {
		return line
	}
	end := limits.LogLineBytes - len(more)
	for !utf8.RuneStart(line[end]) {
		end--
	}
	return line[:end] + more
}
