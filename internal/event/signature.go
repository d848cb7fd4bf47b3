package event

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strconv"
	"strings"
	"time"
)

// The headers of Standard Webhooks.
const (
	HeaderID        = "Webhook-Id"
	HeaderTimestamp = "Webhook-Timestamp"
	HeaderSignature = "Webhook-Signature"
)

// secretPrefix begins a secret of Standard Webhooks.
const secretPrefix = "whsec_"

// NewSecret makes a secret of 256 random bits.
func NewSecret() string {
	var secret [32]byte
	_, _ = rand.Read(secret[:]) // never fails: the runtime ends the process instead
	return secretPrefix + base64.StdEncoding.EncodeToString(secret[:])
}

// Key is the key that a secret stands for: whsec_ and base64, with or without
// the prefix.
func Key(secret string) ([]byte, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, secretPrefix))
	if err != nil || len(key) == 0 {
		return nil, errors.New("it is not whsec_ and base64 behind it")
	}
	return key, nil
}

// Sign gives the header that proves by each of the secrets that the body was
// sent under the id at the time.
func Sign(secrets []string, id string, at time.Time, body []byte) (string, error) {
	signatures := make([]string, len(secrets))
	for i, secret := range secrets {
		key, err := Key(secret)
		if err != nil {
			return "", err
		}
		signatures[i] = "v1," + base64.StdEncoding.EncodeToString(sum(key, id, strconv.FormatInt(at.Unix(), 10), body))
	}
	return strings.Join(signatures, " "), nil
}

// Signed says whether a header proves by the secret that the body was sent
// under the id at the time, each as it stands in its header. Signatures of other
// versions are passed over.
func Signed(secret, id, timestamp, header string, body []byte) bool {
	key, err := Key(secret)
	if err != nil {
		return false
	}
	want := sum(key, id, timestamp, body)
	for one := range strings.FieldsSeq(header) {
		version, text, _ := strings.Cut(one, ",")
		got, err := base64.StdEncoding.DecodeString(text)
		if version == "v1" && err == nil && hmac.Equal(got, want) {
			return true
		}
	}
	return false
}

func sum(key []byte, id, timestamp string, body []byte) []byte {
	mac := hmac.New(sha256.New, key)
	_, _ = mac.Write([]byte(id + "." + timestamp + ".")) // a hash takes everything
	_, _ = mac.Write(body)
	return mac.Sum(nil)
}
