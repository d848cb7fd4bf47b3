package postgres

import (
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/store/storetest"
	"github.com/ordinaut/ordinaut/test/services"
)

// The versions that the tests run on: the oldest that is supported, and one of
// those that most people have.
func majors() []int {
	if testing.Short() {
		return []int{16}
	}
	return []int{15, 16}
}

// onEach runs a test on every version.
func onEach(t *testing.T, test func(t *testing.T, server *services.Server)) {
	t.Helper()
	for _, major := range majors() {
		t.Run("PostgreSQL "+strconv.Itoa(major), func(t *testing.T) {
			t.Parallel()
			test(t, services.Postgres(t, major))
		})
	}
}

// execute runs statements in a database behind its store's back.
func execute(t testing.TB, url, statements string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if _, err := conn.Exec(t.Context(), statements); err != nil {
		t.Fatal(err)
	}
}

// openTest opens a store that ends with t.
func openTest(t testing.TB, o Options) *Store {
	t.Helper()
	s, err := Open(t.Context(), o)
	if err != nil {
		t.Fatalf("open the store: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close the store: %v", err)
		}
	})
	return s
}

// openFrozen opens a store whose clock stands still, in a database of the stock. It
// looks at nothing by itself, so that it signals nothing but what a test has caused.
func openFrozen(t, all testing.TB, databases *stock) *Store {
	t.Helper()
	url := databases.take(t, all)
	s := openTest(t, Options{URL: url, Look: -1})
	if _, err := s.pool.Exec(t.Context(), emptied, pgx.QueryExecModeSimpleProtocol); err != nil {
		t.Fatal(err)
	}
	s.pool.Reset() // what emptied set ends with its connection
	return s
}

// pass lets a store's clock go by.
func pass(t testing.TB, s *Store, d time.Duration) {
	t.Helper()
	if _, err := s.pool.Exec(t.Context(), "UPDATE public.frozen SET at = at + $1::interval", d); err != nil {
		t.Fatal(err)
	}
}

func TestStore(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, server *services.Server) {
		all, databases := t, newStock(t, server)
		storetest.Run(t, storetest.Harness{
			Open:   func(t *testing.T) ordinaut.Store { return openFrozen(t, all, databases) },
			Around: func(t *testing.T, test func(t *testing.T)) { test(t) },
			Pass:   func(s ordinaut.Store, d time.Duration) { pass(t, s.(*Store), d) },
		})
	})
}
