package sqlite

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/store/storetest"
)

// openTest opens a store that ends with t.
func openTest(t testing.TB, dir string) *Store {
	t.Helper()
	s, err := Open(t.Context(), Options{Dir: dir})
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

// sentences runs tests under the sentences they prove.
func sentences(t *testing.T, tests map[string]func(*testing.T)) {
	t.Helper()
	for sentence, test := range tests {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			test(t)
		})
	}
}

func TestStore(t *testing.T) {
	t.Parallel()
	fresh := sync.OnceValues(func() ([]byte, error) { return freshDatabase(t.TempDir()) })
	storetest.Run(t, storetest.Harness{
		Open: func(t *testing.T) ordinaut.Store {
			dir := t.TempDir()
			content, err := fresh()
			if err == nil {
				err = os.WriteFile(filepath.Join(dir, "ordinaut.db"), content, 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
			return openTest(t, dir)
		},
		Around: synctest.Test,
		Pass:   func(_ ordinaut.Store, d time.Duration) { <-time.After(d) },
	})
}

// freshDatabase is an empty database of the newest schema, to be copied: under
// the race detector a migration takes longer than most tests.
func freshDatabase(dir string) ([]byte, error) {
	s, err := Open(context.Background(), Options{Dir: dir})
	if err != nil {
		return nil, err
	}
	if err := s.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Join(dir, "ordinaut.db"))
}
