// Package auth finds out who asks. It turns the bearer token of a request into
// an agent, and signs the links by which people decide without one; what the
// agent may do is decided by package op.
package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/ordinaut/ordinaut"
)

// KeyFile is the name of the file in the data folder that holds the admin key.
const KeyFile = "admin.key"

// Keys knows the keys that are valid, each by its hash, and whose they are.
type Keys struct {
	hashes [][sha256.Size]byte
	agents []ordinaut.Agent
}

// Add makes the key one of the agent's.
func (k *Keys) Add(key string, a ordinaut.Agent) {
	k.hashes = append(k.hashes, sha256.Sum256([]byte(key)))
	k.agents = append(k.agents, a)
}

// Authenticate finds whose key a bearer token is. A token that no key of ours
// can look like is refused by its checksum alone.
func (k *Keys) Authenticate(token string) (ordinaut.Agent, error) {
	if wellFormed(token) {
		hash := sha256.Sum256([]byte(token))
		for i := range k.hashes {
			if subtle.ConstantTimeCompare(hash[:], k.hashes[i][:]) == 1 {
				return k.agents[i], nil
			}
		}
	}
	return ordinaut.Agent{}, &ordinaut.Error{
		Code:    ordinaut.CodeAuthInvalid,
		Message: "the bearer token is not valid",
		Fix:     "send the key exactly as it stands in " + KeyFile + " in the data folder, without spaces or quotes",
	}
}

// Token is the token of an Authorization header; "" when it has none.
func Token(header string) string {
	scheme, token, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// ReadKey reads the admin key of a data folder.
func ReadKey(dir string) (string, error) {
	text, err := os.ReadFile(filepath.Join(dir, KeyFile))
	if err != nil {
		return "", fmt.Errorf("read the admin key: %w", err)
	}
	return strings.TrimSpace(string(text)), nil
}

// LoadKey reads the admin key from a file that several servers share.
func LoadKey(path string) (string, error) {
	text, err := os.ReadFile(path)
	key := strings.TrimSpace(string(text))
	switch {
	case err != nil:
		err = fmt.Errorf("read the admin key: %w", err)
	case !wellFormed(key):
		err = fmt.Errorf("%s does not hold a key; copy %s from the data folder of a server", path, KeyFile)
	}
	return key, err
}

// EnsureKey reads the admin key of a data folder, or makes one that only the
// file's owner can read.
func EnsureKey(dir string) (string, error) {
	path := filepath.Join(dir, KeyFile)
	info, err := os.Stat(path)
	if os.IsNotExist(err) {
		if err := writeKey(path, newKey("admin")); err != nil {
			return "", fmt.Errorf("write the admin key: %w", err)
		}
		return ReadKey(dir)
	}
	if err != nil {
		return "", fmt.Errorf("look at the admin key: %w", err)
	}
	if openToOthers(info) {
		if err := os.Chmod(path, 0o600); err != nil {
			return "", fmt.Errorf("protect the admin key: %w", err)
		}
	}
	key, err := ReadKey(dir)
	if err == nil && !wellFormed(key) {
		err = fmt.Errorf("%s does not hold a key; delete it, and the next start makes a new one", path)
	}
	return key, err
}

// writeKey writes a key, unless another server of the folder was first. Nobody
// ever reads half of one.
func writeKey(path, key string) error {
	part, err := os.CreateTemp(filepath.Dir(path), KeyFile+".*")
	if err != nil {
		return err
	}
	defer os.Remove(part.Name())
	_, err = part.WriteString(key + "\n")
	if err := errors.Join(err, part.Close()); err != nil {
		return err
	}
	if err := os.Link(part.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

// newKey makes a key of 256 random bits, as ord_<kind>_<secret><checksum>. The
// prefix lets scanners find leaked keys, the checksum lets a mistyped one be
// refused without looking anything up.
func newKey(kind string) string {
	var secret [32]byte
	_, _ = rand.Read(secret[:]) // never fails: the runtime ends the process instead
	body := "ord_" + kind + "_" + encoding().EncodeToString(secret[:])
	return body + checksum(body)
}

func wellFormed(key string) bool {
	cut := len(key) - checksumLen
	return strings.HasPrefix(key, "ord_") && cut > 0 && checksum(key[:cut]) == key[cut:]
}

const checksumLen = 7

func checksum(body string) string {
	sum := crc32.ChecksumIEEE([]byte(body))
	return encoding().EncodeToString([]byte{byte(sum >> 24), byte(sum >> 16), byte(sum >> 8), byte(sum)})
}

func encoding() *base32.Encoding {
	return base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)
}
