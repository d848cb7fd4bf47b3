package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/event"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// A message is what came to a hook, as it came.
type message struct {
	header  http.Header
	body    []byte
	at      time.Time
	secrets []string // that are good
}

// A refusal is why a message is not believed, in words that tell nothing secret.
type refusal string

// verify says why a message is not believed; "" when it is.
func verify(h ordinaut.Hook, m message) refusal {
	switch h.Verify {
	case ordinaut.VerifyStandard:
		return m.standard()
	case ordinaut.VerifyGitHub:
		return m.github()
	case ordinaut.VerifyStripe:
		return m.stripe()
	case ordinaut.VerifySlack:
		return m.slack()
	case ordinaut.VerifySecret:
		return m.shared(h.Header)
	}
	return refusal(fmt.Sprintf("the hook verifies by %q, which is unknown", h.Verify))
}

const unfit refusal = "the signature does not fit the body and the secret"

// without is the refusal of a message that lacks a header.
func without(header string) refusal { return refusal("the header " + header + " is missing") }

// standard verifies as Standard Webhooks say (version 1, symmetric).
func (m message) standard() refusal {
	for _, name := range []string{event.HeaderID, event.HeaderTimestamp, event.HeaderSignature} {
		if m.header.Get(name) == "" {
			return without(strings.ToLower(name))
		}
	}
	timestamp := m.header.Get(event.HeaderTimestamp)
	if why := m.fresh(timestamp); why != "" {
		return why
	}
	return m.fits(func(secret string) bool {
		return event.Signed(secret, m.header.Get(event.HeaderID), timestamp, m.header.Get(event.HeaderSignature), m.body)
	})
}

// github verifies as GitHub signs deliveries: sha256= and an HMAC of the body.
// It has no time, and does not cover the id of the delivery.
func (m message) github() refusal {
	sent := m.header.Get("X-Hub-Signature-256")
	if sent == "" {
		return without("X-Hub-Signature-256")
	}
	signature, _ := strings.CutPrefix(sent, "sha256=")
	return m.fits(func(secret string) bool { return signs(secret, signature, m.body) })
}

// stripe verifies as Stripe signs events: t=…,v1=…, with an HMAC of the time and
// the body. Signatures of other schemes are passed over.
func (m message) stripe() refusal {
	sent := m.header.Get("Stripe-Signature")
	if sent == "" {
		return without("Stripe-Signature")
	}
	timestamp, signatures := "", []string{}
	for part := range strings.SplitSeq(sent, ",") {
		switch name, value, _ := strings.Cut(strings.TrimSpace(part), "="); name {
		case "t":
			timestamp = value
		case "v1":
			signatures = append(signatures, value)
		}
	}
	if why := m.fresh(timestamp); why != "" {
		return why
	}
	return m.fits(func(secret string) bool {
		return slices.ContainsFunc(signatures, func(s string) bool { return signs(secret, s, []byte(timestamp+"."), m.body) })
	})
}

// slack verifies as Slack signs requests: v0= and an HMAC of the version, the
// time and the body.
func (m message) slack() refusal {
	sent, timestamp := m.header.Get("X-Slack-Signature"), m.header.Get("X-Slack-Request-Timestamp")
	switch {
	case sent == "":
		return without("X-Slack-Signature")
	case timestamp == "":
		return without("X-Slack-Request-Timestamp")
	}
	if why := m.fresh(timestamp); why != "" {
		return why
	}
	signature, _ := strings.CutPrefix(sent, "v0=")
	return m.fits(func(secret string) bool { return signs(secret, signature, []byte("v0:"+timestamp+":"), m.body) })
}

// shared verifies by the secret itself, in a header or as the bearer token. It
// says nothing of the body.
func (m message) shared(header string) refusal {
	sent := m.header.Get(header)
	if header == "" {
		scheme, token, _ := strings.Cut(m.header.Get("Authorization"), " ")
		if strings.EqualFold(scheme, "Bearer") {
			sent = strings.TrimSpace(token)
		}
		header = "Authorization, with a bearer token,"
	}
	if sent == "" {
		return without(header)
	}
	// Hashes are compared, so that the time taken says nothing of the length.
	got := sha256.Sum256([]byte(sent))
	for _, secret := range m.secrets {
		want := sha256.Sum256([]byte(secret))
		if hmac.Equal(got[:], want[:]) {
			return ""
		}
	}
	return "the secret is another one"
}

// fits says whether the message is signed with one of the secrets.
func (m message) fits(signed func(secret string) bool) refusal {
	if slices.ContainsFunc(m.secrets, signed) {
		return ""
	}
	return unfit
}

// fresh refuses a message that was signed too long ago, or in the future: who has
// caught one must not be able to send it again at any time.
func (m message) fresh(timestamp string) refusal {
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil {
		return "the timestamp cannot be read"
	}
	// The difference is taken in seconds: it may be too large for a Duration.
	const most = int64(limits.HookSkew / time.Second)
	now := m.at.Unix()
	if seconds < now-most || seconds > now+most {
		return refusal(fmt.Sprintf("the timestamp is more than %s off", limits.HookSkew))
	}
	return ""
}

// signs says whether a signature, in hexadecimal, is that of the parts by the
// secret (HMAC-SHA256).
func signs(secret, signature string, parts ...[]byte) bool {
	got, err := hex.DecodeString(signature)
	if err != nil {
		return false
	}
	mac := hmac.New(sha256.New, []byte(secret))
	for _, part := range parts {
		_, _ = mac.Write(part) // a hash takes everything
	}
	return hmac.Equal(got, mac.Sum(nil))
}
