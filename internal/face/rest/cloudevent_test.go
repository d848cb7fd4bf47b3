package rest_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/op"
)

// draft is an event, or a list of them, as the operation takes it.
type draft struct {
	ID     string  `json:"id,omitempty"`
	Type   string  `json:"type,omitempty"`
	Data   any     `json:"data,omitempty"`
	Events []draft `json:"events,omitempty"`
}

func TestCloudEventsAreTakenAsTheyAre(t *testing.T) {
	t.Parallel()
	set, err := op.NewSet(op.New(op.Op{Name: "event.tell", Method: "POST", Path: "/v1/told", Effect: op.Read},
		func(_ context.Context, d draft) (draft, error) { return d, nil }))
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, set)
	const one = `{"specversion":"1.0","id":"a","source":"/shop","type":"order.paid","time":"2027-01-01T00:00:00Z","traceparent":"x","data":{"n":1}}`
	for _, c := range []struct{ media, body, want string }{
		{"application/cloudevents+json", one, `{"id":"a","type":"order.paid","data":{"n":1}}`},
		{"application/cloudevents+json; charset=utf-8", one, `{"id":"a","type":"order.paid","data":{"n":1}}`},
		{"application/cloudevents-batch+json", "[" + one + "," + one + "]", `{"events":[{"id":"a","type":"order.paid","data":{"n":1}},{"id":"a","type":"order.paid","data":{"n":1}}]}`},
		{"application/json", `[{"id":"b"}]`, `{"events":[{"id":"b"}]}`},
		{"application/json", `{"id":"b"}`, `{"id":"b"}`},
	} {
		if got := w.ask("POST", "/v1/told", c.body, "Content-Type: "+c.media); strings.TrimSpace(got.text) != c.want {
			t.Errorf("%s: got %s, want %s", c.media, got.text, c.want)
		}
	}
	for _, c := range []struct {
		media, body string
		status      int
		code        ordinaut.Code
	}{
		{"application/cloudevents+json", `{"id":"a","data_base64":"AAEC"}`, http.StatusUnprocessableEntity, ordinaut.CodeFieldValue},
		{"application/cloudevents-batch+json", one, http.StatusBadRequest, ordinaut.CodeUnsupportedMedia},
		{"application/cloudevents-batch+json", `[{"data_base64":"AAEC"}]`, http.StatusUnprocessableEntity, ordinaut.CodeFieldValue},
		{"application/cloudevents+json", `{`, http.StatusBadRequest, ordinaut.CodeRequestMalformed},
		{"application/cloudevents+json", `7`, http.StatusUnprocessableEntity, ordinaut.CodeFieldType},
		{"application/json", `["a"]`, http.StatusUnprocessableEntity, ordinaut.CodeFieldType},
	} {
		got := w.ask("POST", "/v1/told", c.body, "Content-Type: "+c.media)
		if !strings.Contains(got.text, string(c.code)) {
			t.Errorf("%s %s: got %s, want %s", c.media, c.body, got.text, c.code)
		}
	}
}
