package postgres

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/test/services"
)

const tellEvent = "INSERT INTO ordinaut.outbox (at, kind, topic, subject) VALUES (clock_timestamp(), 'event', 'x', $1)"

func TestEvents(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, server *services.Server) {
		t.Run("an event that was told first and committed last is behind those that were read meanwhile", func(t *testing.T) {
			t.Parallel()
			commitsLate(t, server.Database(t))
		})
		t.Run("16 writers, of whose transactions a tenth is rolled back, leave no hole, and lose nothing", func(t *testing.T) {
			t.Parallel()
			manyWriters(t, server.Database(t))
		})
	})
}

// connected is a connection to the database that ends with t.
func connected(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

// readOn reads what follows under the reader's name, and moves it on.
func readOn(t *testing.T, s *Store, r ordinaut.Reader) []ordinaut.Event {
	t.Helper()
	got, err := s.ReadEvents(t.Context(), r, 50, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(got.Events); n > 0 {
		if err := s.AdvanceReader(t.Context(), r, got.After, got.Events[n-1].Seq); err != nil {
			t.Fatal(err)
		}
	}
	return got.Events
}

func commitsLate(t *testing.T, url string) {
	s := openTest(t, Options{URL: url})
	r := ordinaut.Reader{Name: "r", Owner: "o", FromStart: true}
	late, err := connected(t, url).Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := late.Exec(t.Context(), tellEvent, "late"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Publish(t.Context(), []ordinaut.Event{{Topic: "x", Subject: "early"}}, ordinaut.Change{Action: "event.publish"}); err != nil {
		t.Fatal(err)
	}
	early := readOn(t, s, r)
	if len(early) != 1 || early[0].Subject != "early" || early[0].Seq != 1 {
		t.Fatalf("got %+v, want the event that was committed, at position 1", early)
	}
	if err := late.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	found := readOn(t, s, r)
	if len(found) != 1 || found[0].Subject != "late" || found[0].Seq != 2 {
		t.Fatalf("got %+v, want the late event, at position 2", found)
	}
}

const (
	eventWriters = 16
	writerTells  = 30 // transactions of each: enough that all of them meet
)

// manyWriters has one read on while many write, and three stores give positions.
func manyWriters(t *testing.T, url string) {
	s := openTest(t, Options{URL: url})
	others := []*Store{openTest(t, Options{URL: url}), openTest(t, Options{URL: url})}
	written := make([]int, eventWriters)
	var writing, stamping sync.WaitGroup
	for w := range eventWriters {
		conn := connected(t, url)
		writing.Go(func() {
			var err error
			if written[w], err = writeEvents(t.Context(), conn, w); err != nil {
				t.Errorf("writer %d: %v", w, err)
			}
		})
	}
	stop, cancel := context.WithCancel(t.Context())
	for _, other := range others {
		stamping.Go(func() {
			for stop.Err() == nil {
				if _, err := other.LogEnd(t.Context()); err != nil {
					t.Errorf("give positions: %v", err)
				}
			}
		})
	}
	ended := make(chan struct{})
	go func() { writing.Wait(); close(ended) }()
	seen := readAll(t, s, ended)
	cancel()
	stamping.Wait()
	for w, n := range written {
		if seen[w] != n {
			t.Errorf("writer %d: got %d events, want %d", w, seen[w], n)
		}
	}
}

// writeEvents says how many events it has committed.
func writeEvents(ctx context.Context, conn *pgx.Conn, w int) (n int, err error) {
	for range writerTells {
		tx, err := conn.Begin(ctx)
		if err != nil {
			return n, err
		}
		more := 1 + rand.IntN(3)
		for i := range more {
			if _, err := tx.Exec(ctx, tellEvent, fmt.Sprint(w, " ", n+i)); err != nil {
				return n, err
			}
		}
		if rand.IntN(10) == 0 {
			if err := tx.Rollback(ctx); err != nil {
				return n, err
			}
			continue
		}
		if err := tx.Commit(ctx); err != nil {
			return n, err
		}
		n += more
	}
	return n, nil
}

// readAll reads to the end, and says how many events there were of each writer.
// Each is the next one of its writer, and at the next position.
func readAll(t *testing.T, s *Store, ended <-chan struct{}) []int {
	t.Helper()
	r := ordinaut.Reader{Name: "r", Owner: "o", FromStart: true}
	seen, last, over := make([]int, eventWriters), int64(0), false
	for {
		events := readOn(t, s, r)
		for _, e := range events {
			var w, n int
			if _, err := fmt.Sscan(e.Subject, &w, &n); err != nil {
				t.Fatal(err)
			}
			if n != seen[w] || e.Seq != last+1 {
				t.Fatalf("writer %d: got event %d at position %d, want event %d at %d", w, n, e.Seq, seen[w], last+1)
			}
			seen[w], last = n+1, e.Seq
		}
		if len(events) == 0 && over {
			return seen
		}
		select {
		case <-ended:
			over = len(events) == 0 // and then one look more
		default:
		}
	}
}
