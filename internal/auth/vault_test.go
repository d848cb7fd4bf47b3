package auth_test

import (
	"bytes"
	"testing"

	"github.com/ordinaut/ordinaut/internal/auth"
)

func vault(t *testing.T, secret string) auth.Vault {
	t.Helper()
	v, err := auth.NewVault([]byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestAVaultGivesBackWhatItSealed(t *testing.T) {
	t.Parallel()
	v := vault(t, "key")
	for _, secret := range []string{"", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "ключ"} {
		sealed := v.Seal("hook github", secret)
		if bytes.Contains(sealed, []byte(secret)) && secret != "" {
			t.Errorf("%q can be read in %q", secret, sealed)
		}
		if got, err := vault(t, "key").Open("hook github", sealed); got != secret || err != nil {
			t.Errorf("got %q, %v, want %q", got, err, secret)
		}
	}
	if a, b := v.Seal("x", "same"), v.Seal("x", "same"); bytes.Equal(a, b) {
		t.Error("the same secret looks the same twice")
	}
}

func TestAVaultStaysShutForOthers(t *testing.T) {
	t.Parallel()
	sealed := vault(t, "key").Seal("hook github", "secret")
	bent := bytes.Clone(sealed)
	bent[len(bent)-1] ^= 1
	for name, try := range map[string]func() (string, error){
		"another key":       func() (string, error) { return vault(t, "other").Open("hook github", sealed) },
		"another row":       func() (string, error) { return vault(t, "key").Open("hook stripe", sealed) },
		"a bit that is off": func() (string, error) { return vault(t, "key").Open("hook github", bent) },
		"nothing":           func() (string, error) { return vault(t, "key").Open("hook github", nil) },
	} {
		if got, err := try(); err == nil || got != "" {
			t.Errorf("%s: got %q, %v, want an error", name, got, err)
		}
	}
}
