package auth_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/auth"
)

const linkedRun = ordinaut.RunID("0197a3c0-0000-7000-8000-00005f3c9a1b")

func TestALinkLeadsToItsStep(t *testing.T) {
	t.Parallel()
	links := auth.NewLinks("https://ordinaut.example/base/", []byte("secret"))
	for _, path := range []string{"review", "loop[3].review", "a:b", ""} {
		token, found := strings.CutPrefix(links.URL(linkedRun, path), "https://ordinaut.example/base/approvals/")
		run, got, ours := links.Read(token)
		if !found || !ours || run != linkedRun || got != path {
			t.Errorf("%q: got %s, %q, ours %v", path, run, got, ours)
		}
		if again := links.Token(linkedRun, path); again != token {
			t.Errorf("%q: got %s and %s, want the same link every time", path, token, again)
		}
	}
}

func TestALinkOfAnotherSecretIsNotOurs(t *testing.T) {
	t.Parallel()
	links := auth.NewLinks("", []byte("secret"))
	token := links.Token(linkedRun, "review")
	for name, other := range map[string]auth.Links{
		"another secret": auth.NewLinks("", []byte("Secret")), "no secret": auth.NewLinks("", nil), "nothing": {},
	} {
		if _, _, ours := other.Read(token); ours {
			t.Errorf("%s: got a link that is ours", name)
		}
	}
	bare := auth.NewLinks("", nil)
	if _, _, ours := bare.Read(bare.Token(linkedRun, "review")); ours {
		t.Error("a link signed without a secret is taken")
	}
}

func TestATokenThatWasChangedIsNotOurs(t *testing.T) {
	t.Parallel()
	links := auth.NewLinks("", []byte("secret"))
	raw, err := base64.RawURLEncoding.DecodeString(links.Token(linkedRun, "review"))
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		changed := append([]byte{}, raw...)
		changed[rapid.IntRange(0, len(raw)-1).Draw(t, "place")] ^= byte(rapid.IntRange(1, 255).Draw(t, "bits"))
		cut := changed[:rapid.IntRange(0, len(raw)).Draw(t, "length")]
		if run, path, ours := links.Read(base64.RawURLEncoding.EncodeToString(cut)); ours {
			t.Fatalf("got %s, %q", run, path)
		}
	})
}

func FuzzReadingATokenNeverPanics(f *testing.F) {
	links := auth.NewLinks("", []byte("secret"))
	f.Add(links.Token(linkedRun, "review"))
	f.Add("")
	f.Add("AAAA====")
	f.Fuzz(func(t *testing.T, token string) {
		if run, path, ours := links.Read(token); ours && links.Token(run, path) != token {
			t.Errorf("%q is taken for the token of %s, %q", token, run, path)
		}
	})
}
