package sqlite

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ordinaut/ordinaut"
)

func TestFolder(t *testing.T) {
	t.Parallel()
	sentences(t, map[string]func(*testing.T){
		"a missing folder is made for its owner alone":                     makesFolder,
		"a second process is refused and told which folder and what to do": refusesSecond,
		"the folder is free after Close, and holds one file of data":       freesFolder,
		"a folder may have any name":                                       anyName,
		"a folder that cannot be used is an error":                         unusableFolder,
	})
}

func makesFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	openTest(t, dir)
	info, err := os.Stat(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); got != 0o700 {
		t.Errorf("got mode %o, want 700", got)
	}
}

func refusesSecond(t *testing.T) {
	dir := t.TempDir()
	openTest(t, dir)
	_, err := Open(t.Context(), Options{Dir: dir})
	if !errors.Is(err, &ordinaut.Error{Code: ordinaut.CodeStorageLocked}) {
		t.Fatalf("got %v, want code %s", err, ordinaut.CodeStorageLocked)
	}
	e := ordinaut.AsError(err)
	if !strings.Contains(e.Message, dir) || e.Fix == "" {
		t.Errorf("got %q and fix %q, want the folder and a fix", e.Message, e.Fix)
	}
}

func freesFolder(t *testing.T) {
	dir := t.TempDir()
	for range 2 {
		s, err := Open(t.Context(), Options{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Ready(t.Context()); err != nil {
			t.Errorf("got %v, want ready", err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	left, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(left) != 2 {
		t.Errorf("got files %q and error %v, want the database and the lock", left, err)
	}
}

func anyName(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "ça va? 100% #1 & more")
	openTest(t, dir)
	if _, err := os.Stat(filepath.Join(dir, "ordinaut.db")); err != nil {
		t.Error(err)
	}
}

func unusableFolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	taken := t.TempDir()
	if err := os.Mkdir(filepath.Join(taken, "lock"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"", filepath.Join(file, "below"), taken} {
		if _, err := Open(t.Context(), Options{Dir: dir}); err == nil {
			t.Errorf("%q: got no error, want one", dir)
		}
	}
}
