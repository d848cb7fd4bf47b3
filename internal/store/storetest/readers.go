package storetest

import (
	"errors"
	"sync/atomic"
	"time"

	"github.com/ordinaut/ordinaut"
)

func readers() []promise {
	return []promise{
		{"a reader is given what follows, page by page, until it moves on", readerMovesOn},
		{"a new reader begins at the end of the log, or with the first event", readerBegins},
		{"one owner reads at a time, and another when its time is over", readerIsHeld},
		{"a reader moves only from where it stands, forward, and while its owner has it", readerIsFenced},
		{"of many who read under one name at once, one does", readerIsOne},
		{"readers are listed with how far they are behind", readerLag},
		{"a reader that was away too long is told of what is gone", readerGap},
		{"that somebody has read signals nothing", readerSignals},
	}
}

func reader(owner string) ordinaut.Reader { return ordinaut.Reader{Name: "relay", Owner: owner} }

// read reads events under the reader's name.
func (f *fixture) read(r ordinaut.Reader, limit int) ordinaut.Reading {
	f.Helper()
	return get(f.store.ReadEvents(f.ctx, r, limit, lease))(f)
}

func readerMovesOn(f *fixture) {
	r := reader("a")
	same(f, "at the beginning", topicsOf(f.read(r, 10).Events), nil)
	f.publishTopics("a", "b", "c")
	got := f.read(r, 2)
	same(f, "first page", topicsOf(got.Events), []string{"a", "b"})
	same(f, "again", f.read(r, 2), got)
	f.must(f.store.AdvanceReader(f.ctx, r, got.After, got.Events[1].Seq))
	same(f, "second page", topicsOf(f.read(r, 2).Events), []string{"c"})
}

func readerBegins(f *fixture) {
	f.publishTopics("a")
	same(f, "from the end", topicsOf(f.read(reader("a"), 10).Events), nil)
	whole := ordinaut.Reader{Name: "whole", Owner: "a", FromStart: true}
	same(f, "from the start", topicsOf(f.read(whole, 10).Events), []string{"a"})
	f.pass(time.Hour)
	keep := forever()
	keep.Events = time.Minute
	f.prune(keep)
	f.publishTopics("b")
	whole.Name = "kept"
	got := f.read(whole, 10)
	same(f, "from what is kept", topicsOf(got.Events), []string{"b"})
	same(f, "gap", got.Gap, 0)
}

func readerIsHeld(f *fixture) {
	f.read(reader("a"), 1)
	_, err := f.store.ReadEvents(f.ctx, reader("b"), 1, lease)
	f.refused(err, ordinaut.ErrHeld)
	f.read(ordinaut.Reader{Name: "another", Owner: "b"}, 1)
	f.pass(lease - time.Second)
	f.read(reader("a"), 1)
	f.pass(lease - time.Second)
	_, err = f.store.ReadEvents(f.ctx, reader("b"), 1, lease)
	f.refused(err, ordinaut.ErrHeld)
	f.pass(time.Second)
	f.read(reader("b"), 1)
	_, err = f.store.ReadEvents(f.ctx, reader("a"), 1, lease)
	f.refused(err, ordinaut.ErrHeld)
}

func readerIsFenced(f *fixture) {
	a, b := reader("a"), reader("b")
	f.refused(f.store.AdvanceReader(f.ctx, a, 0, 1), ordinaut.ErrLeaseLost)
	at := f.read(a, 1).After
	f.refused(f.store.AdvanceReader(f.ctx, b, at, at+1), ordinaut.ErrLeaseLost)
	f.refused(f.store.AdvanceReader(f.ctx, a, at+1, at+2), ordinaut.ErrLeaseLost)
	f.must(f.store.AdvanceReader(f.ctx, a, at, at+2))
	f.refused(f.store.AdvanceReader(f.ctx, a, at, at+3), ordinaut.ErrLeaseLost)
	f.refused(f.store.AdvanceReader(f.ctx, a, at+2, at+1), ordinaut.ErrLeaseLost)
	f.pass(lease)
	f.refused(f.store.AdvanceReader(f.ctx, a, at+2, at+3), ordinaut.ErrLeaseLost)
	f.read(b, 1)
	f.refused(f.store.AdvanceReader(f.ctx, a, at+2, at+3), ordinaut.ErrLeaseLost)
	f.must(f.store.AdvanceReader(f.ctx, b, at+2, at+3))
}

func readerIsOne(f *fixture) {
	var reads atomic.Int64
	together(8, func(i int) {
		_, err := f.store.ReadEvents(f.ctx, reader(string(rune('a'+i))), 1, lease)
		switch {
		case err == nil:
			reads.Add(1)
		case !errors.Is(err, ordinaut.ErrHeld):
			f.Errorf("got error %v, want %v", err, ordinaut.ErrHeld)
		}
	})
	same(f, "readers", reads.Load(), 1)
}

func readerLag(f *fixture) {
	f.read(reader("a"), 1)
	began := f.now()
	_, end := f.ends()
	f.publishTopics("a", "b")
	same(f, "readers", get(f.store.ListReaders(f.ctx))(f), []ordinaut.ReaderState{{Name: "relay", After: end, Lag: 2, At: began}})
	f.pass(time.Second)
	f.must(f.store.AdvanceReader(f.ctx, reader("a"), end, end+2))
	same(f, "readers", get(f.store.ListReaders(f.ctx))(f), []ordinaut.ReaderState{{Name: "relay", After: end + 2, At: began.Add(time.Second)}})
}

func readerGap(f *fixture) {
	r := reader("a")
	f.read(r, 1)
	f.publishTopics("a", "b")
	f.pass(time.Hour)
	f.publishTopics("c")
	keep := forever()
	keep.Events = time.Minute
	f.prune(keep)
	first, _ := f.ends()
	got := f.read(r, 10)
	same(f, "gap", got.Gap, first-1)
	same(f, "events", topicsOf(got.Events), []string{"c"})
	f.must(f.store.AdvanceReader(f.ctx, r, got.After, got.Gap))
	same(f, "gap when it is behind", f.read(r, 10).Gap, 0)
}

func readerSignals(f *fixture) {
	f.expectSignal(ordinaut.SignalLog, "a reader that begins", false, func() { f.read(reader("a"), 1) })
	f.expectSignal(ordinaut.SignalLog, "an event", true, func() { f.publishTopics("a") })
	f.expectSignal(ordinaut.SignalLog, "a reader that moves on", false, func() {
		f.must(f.store.AdvanceReader(f.ctx, reader("a"), f.read(reader("a"), 1).After, 1))
	})
}
