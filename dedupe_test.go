package ordinaut_test

import (
	"testing"
	"time"

	"github.com/ordinaut/ordinaut"
)

func TestOnlyAKeyWithAWindowDedupes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		key     string
		seconds int
		name    string
		window  time.Duration
	}{
		{"", 0, "", 0},
		{"report", 0, "", 0},
		{"", 60, "", 0},
		{"report", 60, "ada/report", time.Minute},
	} {
		task := ordinaut.Task{CreatedBy: "ada"}
		task.DedupeKey, task.DedupeWindowSeconds = test.key, test.seconds
		if name, window := task.Dedupe(); name != test.name || window != test.window {
			t.Errorf("%q within %d s: got %q within %s, want %q within %s", test.key, test.seconds, name, window, test.name, test.window)
		}
	}
}
