package schedule_test

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/schedule"
)

// TestVectors answers recurrence rules of which an independent implementation
// has computed the instants, up to the year 2100. Where it found none at all
// because there are none, the rule is refused.
func TestVectors(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []struct {
		ID, RRule, DTStart, Timezone string
		After                        time.Time
		Count                        int
		Expect                       []time.Time
	}
	if err := json.Unmarshal(data, &vectors); err != nil {
		t.Fatal(err)
	}
	for _, v := range vectors {
		start := strings.NewReplacer("-", "", ":", "").Replace(v.DTStart)
		r, err := schedule.Compile(ordinaut.Schedule{
			Kind:     ordinaut.ScheduleRRule,
			Expr:     "DTSTART:" + start + "\nRRULE:" + v.RRule,
			Timezone: v.Timezone,
		})
		if len(v.Expect) == 0 && errors.Is(err, &ordinaut.Error{Code: ordinaut.CodeScheduleNever}) {
			continue
		}
		if err != nil {
			t.Errorf("%s: %s: %v", v.ID, v.RRule, err)
			continue
		}
		got := []time.Time{}
		for at := v.After; len(got) < v.Count; {
			o, ok, err := r.Next(at)
			if err != nil {
				t.Fatalf("%s: %s: %v", v.ID, v.RRule, err)
			}
			if !ok || o.At.Year() >= 2100 {
				break
			}
			got, at = append(got, o.At), o.At
		}
		if diff := cmp.Diff(v.Expect, got); diff != "" {
			t.Errorf("%s: %s from %s in %s (-want +got):\n%s", v.ID, v.RRule, v.DTStart, v.Timezone, diff)
		}
	}
}
