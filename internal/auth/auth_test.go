package auth

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/ordinaut/ordinaut"
)

func TestAKeyIsMadeOnceAndIsForItsOwnerOnly(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	key, err := EnsureKey(dir)
	if err != nil {
		t.Fatal(err)
	}
	if shape := regexp.MustCompile(`^ord_admin_[a-z2-7]{52}[a-z2-7]{7}$`); !shape.MatchString(key) {
		t.Errorf("the key %q does not match %s", key, shape)
	}
	path := filepath.Join(dir, KeyFile)
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	again, err := EnsureKey(dir)
	if err != nil || again != key {
		t.Errorf("the second start has %q, %v, want the same key", again, err)
	}
	info, err := os.Stat(path)
	if err != nil || openToOthers(info) {
		t.Errorf("others can read the key: %v, %v", info.Mode(), err)
	}
}

func TestAFileWithoutAKeyIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, KeyFile), []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := EnsureKey(dir); err == nil || !strings.Contains(err.Error(), "delete it") {
		t.Errorf("got %v, want an error that says what to do", err)
	}
	if _, err := ReadKey(t.TempDir()); err == nil {
		t.Error("a folder without a key has one")
	}
}

func TestOnlyTheExactKeyIsAccepted(t *testing.T) {
	t.Parallel()
	var keys Keys
	key := newKey("admin")
	keys.Add(key, ordinaut.Agent{Name: "admin"})
	if a, err := keys.Authenticate(key); err != nil || a.Name != "admin" {
		t.Fatalf("got %v, %v", a, err)
	}
	bad := []string{
		"", " ", "admin", key + "a", key[:len(key)-1], strings.ToUpper(key), newKey("admin"),
		"Bearer " + key, strings.Replace(key, "ord_", "xrd_", 1), "ord_" + strings.Repeat("a", 1<<16),
	}
	for i := range len(key) {
		flipped := []byte(key)
		flipped[i] ^= 1
		bad = append(bad, string(flipped))
	}
	for _, token := range bad {
		if _, err := keys.Authenticate(token); !errors.Is(err, &ordinaut.Error{Code: ordinaut.CodeAuthInvalid}) {
			t.Errorf("%.80q: got %v, want %s", token, err, ordinaut.CodeAuthInvalid)
		}
	}
}

func TestTheTokenStandsBehindTheScheme(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]string{
		"":               "",
		"Bearer abc":     "abc",
		"bearer  abc ":   "abc",
		"Basic abc":      "",
		"abc":            "",
		"Bearer":         "",
		"Bearer abc def": "abc def",
	} {
		if got := Token(header); got != want {
			t.Errorf("%q: got %q, want %q", header, got, want)
		}
	}
}
