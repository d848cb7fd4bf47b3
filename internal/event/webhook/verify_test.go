package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/event"
)

// vector is a request that is genuine.
type vector struct {
	verify ordinaut.HookVerify
	hook   string // the header of the shared secret
	secret string
	at     int64
	header map[string]string
	body   string
}

// vectors are those that the services publish. Stripe publishes the scheme only;
// its signature is computed here.
func vectors() map[string]vector {
	const stripeBody, stripeSecret = `{"id":"evt_1","object":"event"}`, "whsec_test_secret"
	mac := hmac.New(sha256.New, []byte(stripeSecret))
	fmt.Fprint(mac, "1492774577."+stripeBody)
	return map[string]vector{
		"Standard Webhooks": {
			verify: ordinaut.VerifyStandard, secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", at: 1614265330,
			header: map[string]string{
				"webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp": "1614265330",
				"webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
			},
			body: `{"test": 2432232314}`,
		},
		"GitHub": {
			verify: ordinaut.VerifyGitHub, secret: "It's a Secret to Everybody", at: 1,
			header: map[string]string{"X-Hub-Signature-256": "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"},
			body:   "Hello, World!",
		},
		"Stripe": {
			verify: ordinaut.VerifyStripe, secret: stripeSecret, at: 1492774577,
			header: map[string]string{"Stripe-Signature": "t=1492774577, v0=6ffbb59b2300aae63f272406069a9788598b792a944a07aba816edb039989a39,v1=" + strings.Repeat("0", 64) + ",v1=" + hex.EncodeToString(mac.Sum(nil))},
			body:   stripeBody,
		},
		"Slack": {
			verify: ordinaut.VerifySlack, secret: "8f742231b10e8888abcd99yyyzzz85a5", at: 1531420618,
			header: map[string]string{
				"X-Slack-Request-Timestamp": "1531420618",
				"X-Slack-Signature":         "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
			},
			body: "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c",
		},
		"a header": {
			verify: ordinaut.VerifySecret, hook: "X-Gitlab-Token", secret: "correct horse", at: 1,
			header: map[string]string{"X-Gitlab-Token": "correct horse"}, body: "{}",
		},
		"a bearer token": {
			verify: ordinaut.VerifySecret, secret: "correct horse", at: 1,
			header: map[string]string{"Authorization": "bearer correct horse"}, body: "{}",
		},
	}
}

func (v vector) verified(edit func(*vector), secrets ...string) refusal {
	v.header = maps.Clone(v.header)
	if edit != nil {
		edit(&v)
	}
	header := http.Header{}
	for name, value := range v.header {
		header.Set(name, value)
	}
	if secrets == nil {
		secrets = []string{v.secret}
	}
	h := ordinaut.Hook{Verify: v.verify, Header: v.hook}
	return verify(h, message{header: header, body: []byte(v.body), at: time.Unix(v.at, 0), secrets: secrets})
}

func TestWhatIsGenuineIsBelieved(t *testing.T) {
	t.Parallel()
	for name, v := range vectors() {
		if why := v.verified(nil); why != "" {
			t.Errorf("%s: got %q, want it believed", name, why)
		}
		if why := v.verified(nil, event.NewSecret(), v.secret); why != "" {
			t.Errorf("%s, by the secret before: got %q, want it believed", name, why)
		}
		for _, skew := range []int64{-300, 300} {
			if why := v.verified(func(v *vector) { v.at += skew }); why != "" {
				t.Errorf("%s, %d seconds off: got %q, want it believed", name, skew, why)
			}
		}
	}
}

func TestWhatIsNotGenuineIsRefused(t *testing.T) {
	t.Parallel()
	for name, v := range vectors() {
		signed := v.verify != ordinaut.VerifySecret
		timed := signed && v.verify != ordinaut.VerifyGitHub
		refused := func(what string, is bool, edit func(*vector), secrets ...string) {
			t.Helper()
			why := v.verified(edit, secrets...)
			if (why != "") != is {
				t.Errorf("%s, %s: got %q, want it refused %v", name, what, why, is)
			}
			if strings.Contains(string(why), v.secret) {
				t.Errorf("%s, %s: got %q, which tells the secret", name, what, why)
			}
		}
		refused("another secret", true, nil, event.NewSecret())
		refused("no secret", true, nil, []string{}...)
		refused("another body", signed, func(v *vector) { v.body += " " })
		refused("too late", timed, func(v *vector) { v.at += 301 })
		refused("from the future", timed, func(v *vector) { v.at -= 301 })
		for header, value := range v.header {
			refused("without "+header, true, func(v *vector) { delete(v.header, header) })
			refused("a longer "+header, true, func(v *vector) { v.header[header] = value + "0" })
			refused("nonsense in "+header, true, func(v *vector) { v.header[header] = "\x00=,=,v1,t=" })
			refused("a huge time in "+header, true, func(v *vector) { v.header[header] = "t=9223372036854775807,v1=00" })
		}
	}
	if why := (vector{verify: "trust"}).verified(nil); why == "" {
		t.Error("a way to verify that is unknown lets everything through")
	}
}

// FuzzVerify looks for a header that passes without the secret, or brings a
// verifier down.
func FuzzVerify(f *testing.F) {
	for _, v := range vectors() {
		for _, value := range v.header {
			f.Add(value, "1614265330", v.body)
		}
	}
	f.Fuzz(func(t *testing.T, signature, timestamp, body string) {
		for _, way := range ordinaut.HookVerifies() {
			header := http.Header{}
			for _, name := range []string{event.HeaderSignature, "X-Hub-Signature-256", "X-Slack-Signature", "Stripe-Signature", "Authorization"} {
				header.Set(name, signature)
			}
			header.Set(event.HeaderID, "id")
			header.Set(event.HeaderTimestamp, timestamp)
			header.Set("X-Slack-Request-Timestamp", timestamp)
			m := message{header: header, body: []byte(body), at: time.Unix(1614265330, 0), secrets: []string{"whsec_c2VjcmV0LW9mLXRoZS1mdXp6aW5n"}}
			if why := verify(ordinaut.Hook{Verify: way}, m); why == "" {
				t.Errorf("%s believes %q at %q", way, signature, timestamp)
			}
		}
	})
}

// FuzzBody looks for a body that brings the way from bytes to event down, or
// becomes an event that nobody may publish.
func FuzzBody(f *testing.F) {
	for _, seed := range []string{`{"id":"a","type":"b"}`, "null", "", "a=1&a=2&b=%7B%7D", "payload=%7B%22a%22%3A1%7D", `{"a":1e999}`, "[]", `"x"`} {
		f.Add("application/json", seed)
		f.Add("application/x-www-form-urlencoded; charset=utf-8", seed)
	}
	f.Fuzz(func(t *testing.T, media, body string) {
		header := http.Header{"Content-Type": {media}}
		value, err := readBody(header, []byte(body))
		if err != nil {
			return
		}
		for _, m := range []ordinaut.HookMap{{}, {Topic: "body.type", ID: "body.id", Data: "body", Subject: "headers.\"content-type\""}} {
			h := ordinaut.Hook{Name: "door", Verify: ordinaut.VerifyStripe, Map: m}
			e, err := occurred(h, header, value)
			if err == nil && e.Topic != "hook.door" && (e.Topic == "" || event.Reserved(e.Topic)) {
				t.Errorf("%q becomes an event %q", body, e.Topic)
			}
		}
	})
}
