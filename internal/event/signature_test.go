package event_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ordinaut/ordinaut/internal/event"
)

// The example of the specification of Standard Webhooks, which is that of the
// reference libraries, too.
const (
	vectorSecret    = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	vectorID        = "msg_p5jXN8AQM9LWM0D4loKWxJek"
	vectorTimestamp = "1614265330"
	vectorBody      = `{"test": 2432232314}`
	vectorSignature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
)

func TestSignaturesAreThoseOfStandardWebhooks(t *testing.T) {
	t.Parallel()
	got, err := event.Sign([]string{vectorSecret}, vectorID, time.Unix(1614265330, 0), []byte(vectorBody))
	if got != vectorSignature || err != nil {
		t.Errorf("got %q, %v, want %q", got, err, vectorSignature)
	}
	if !event.Signed(vectorSecret, vectorID, vectorTimestamp, "v1a,xyz v1,AAAA "+vectorSignature, []byte(vectorBody)) {
		t.Error("the signature among others is not accepted")
	}
}

func TestASignatureFitsNothingElse(t *testing.T) {
	t.Parallel()
	for name, header := range map[string]string{
		"nothing": "", "no version": strings.TrimPrefix(vectorSignature, "v1,"),
		"another version": "v2," + strings.TrimPrefix(vectorSignature, "v1,"), "no base64": "v1,!",
	} {
		if event.Signed(vectorSecret, vectorID, vectorTimestamp, header, []byte(vectorBody)) {
			t.Errorf("%s is accepted", name)
		}
	}
	for name, ok := range map[string]bool{
		"another secret": event.Signed(event.NewSecret(), vectorID, vectorTimestamp, vectorSignature, []byte(vectorBody)),
		"no secret":      event.Signed("", vectorID, vectorTimestamp, vectorSignature, []byte(vectorBody)),
		"another id":     event.Signed(vectorSecret, "msg", vectorTimestamp, vectorSignature, []byte(vectorBody)),
		"another time":   event.Signed(vectorSecret, vectorID, "1614265331", vectorSignature, []byte(vectorBody)),
		"another body":   event.Signed(vectorSecret, vectorID, vectorTimestamp, vectorSignature, []byte(vectorBody+" ")),
	} {
		if ok {
			t.Errorf("%s is accepted", name)
		}
	}
}

func TestWhatIsSignedWithAnyOfTheSecretsIsAccepted(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		secrets := []string{event.NewSecret(), event.NewSecret()}
		id := rapid.StringMatching(`[a-z0-9-]{1,20}`).Draw(t, "id")
		body := rapid.SliceOf(rapid.Byte()).Draw(t, "body")
		header, err := event.Sign(secrets, id, time.Unix(1_700_000_000, 0), body)
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range secrets {
			if !event.Signed(secret, id, "1700000000", header, body) {
				t.Fatalf("%q is not accepted", header)
			}
		}
	})
}

func TestASecretThatIsNoneSignsNothing(t *testing.T) {
	t.Parallel()
	for _, secret := range []string{"", "whsec_", "whsec_!!", "öäü"} {
		if got, err := event.Sign([]string{secret}, "id", time.Unix(0, 0), nil); err == nil {
			t.Errorf("%q: got %q, want an error", secret, got)
		}
	}
}
