package server_test

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
)

// TestPreviewAnswersEveryVector asks over HTTP for 400 recurrence rules whose
// fires an independent implementation has computed.
func TestPreviewAnswersEveryVector(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../schedule/testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []struct {
		ID       string   `json:"id"`
		RRule    string   `json:"rrule"`
		Start    string   `json:"dtstart"`
		Timezone string   `json:"timezone"`
		After    string   `json:"after"`
		Count    int      `json:"count"`
		Expect   []string `json:"expect"`
	}
	if err := json.Unmarshal(text, &vectors); err != nil {
		t.Fatal(err)
	}
	s := serve(t)
	right := 0
	for _, v := range vectors {
		start := strings.NewReplacer("-", "", ":", "").Replace(v.Start)
		body, err := json.Marshal(map[string]any{
			"schedule_kind": "rrule", "schedule_expr": "DTSTART:" + start + "\nRRULE:" + v.RRule,
			"timezone": v.Timezone, "after": v.After, "count": v.Count,
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := s.preview(t, string(body)); !slices.Equal(got, v.Expect) {
			t.Errorf("%s %s: got %v, want %v", v.ID, v.RRule, got, v.Expect)
			continue
		}
		right++
	}
	t.Logf("%d of %d", right, len(vectors))
}

// preview asks for the fires of a schedule.
func (s *served) preview(t *testing.T, body string) []string {
	t.Helper()
	res := s.post(t, "/v1/schedules/preview", body)
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	var p struct {
		Canonical string `json:"canonical"`
		Sentence  string `json:"sentence"`
		Fires     []struct {
			UTC string `json:"utc"`
		} `json:"fires"`
	}
	if err := json.Unmarshal(text, &p); err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v", body, text, err)
	}
	if p.Canonical == "" || p.Sentence == "" {
		t.Errorf("no canonical form or sentence in %s", text)
	}
	fires := []string{}
	for _, f := range p.Fires {
		fires = append(fires, f.UTC)
	}
	return fires
}
