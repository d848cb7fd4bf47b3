package schedule_test

import (
	"testing"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/schedule"
)

// compile compiles a schedule that has to be right.
func compile(t *testing.T, s ordinaut.Schedule) *schedule.Rule {
	t.Helper()
	rule, err := schedule.Compile(s)
	if err != nil {
		t.Fatalf("Compile(%q) in %s: %v", s.Expr, s.Timezone, err)
	}
	return rule
}
