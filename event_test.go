package ordinaut_test

import (
	"testing"

	"github.com/ordinaut/ordinaut"
)

func TestAPatternCoversTopics(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pattern, topic string
		want           bool
	}{
		{"order.created", "order.created", true},
		{"order.created", "order.create", false},
		{"order.created", "order.created.eu", false},
		{"order.*", "order.created", true},
		{"order.*", "order", false},
		{"order.*", "order.created.eu", false},
		{"*.created", "order.created", true},
		{"*", "order", true},
		{"*", "order.created", false},
		{"order.>", "order.created", true},
		{"order.>", "order.created.eu", true},
		{"order.>", "order", false},
		{">", "order.created.eu", true},
		{">", "", false},
		{"*", "", false},
		{"order.>.eu", "order.created.eu", false},
		{"order.*.eu", "order.created.eu", true},
	} {
		if got := ordinaut.TopicMatches(c.pattern, c.topic); got != c.want {
			t.Errorf("%q over %q: got %v, want %v", c.pattern, c.topic, got, c.want)
		}
	}
}
