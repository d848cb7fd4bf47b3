package redisstream_test

import (
	"strings"
	"testing"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/event/redisstream"
)

func TestAURLThatCannotBeReadIsRefusedWithoutShowingIt(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"", "localhost:6379", "http://localhost", "redis://ada:secret@host:port", "redis://ada:secret@host/nothing"} {
		_, err := redisstream.Open(nil, redisstream.Options{URL: url})
		if e := ordinaut.AsError(err); e.Code != ordinaut.CodeFieldValue || e.At != "/redis_url" {
			t.Errorf("%q: got %v", url, err)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: the error shows the password: %v", url, err)
		}
	}
}
