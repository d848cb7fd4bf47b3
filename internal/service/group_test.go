package service_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/ordinauttest"
)

type shownGroup struct {
	Name                string
	Topics              []string
	After, Lag          int64
	Pending, Dead       int
	Was, Events, Forgot int
	Group               string
}

func claimed(t *testing.T, w *ordinauttest.World, request string) []shownEvent {
	t.Helper()
	return read[page[shownEvent]](t, w.Do("group.claim", request)).Items
}

func TestAGroupSharesItsEvents(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		tell(w, "order.paid", 0)
		got := read[shownGroup](t, w.Do("group.create", `{"group": "billing", "topics": ["order.*"]}`))
		if got.Name != "billing" || got.Lag != 0 || got.Pending != 0 {
			t.Errorf("got %+v", got)
		}
		for n := range 4 {
			tell(w, "order.paid", n+1)
			tell(w, "other", n+1)
		}
		one := claimed(t, w, `{"group": "billing", "consumer": "one", "limit": 2}`)
		two := claimed(t, w, `{"group": "billing", "limit": 9}`)
		if diff := cmp.Diff([]string{"order.paid 1", "order.paid 2", "order.paid 3", "order.paid 4"}, append(told(one), told(two)...)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if one[0].Consumer != "one" || two[0].Consumer != "admin" || one[0].Tries != 1 {
			t.Errorf("got %+v and %+v", one[0], two[0])
		}
		done := read[struct{ Count int }](t, w.Do("group.ack", fmt.Sprintf(`{"group": "billing", "seqs": [%d, %d]}`, one[0].Seq, one[0].Seq)))
		if done.Count != 1 {
			t.Errorf("acknowledged %d, want 1", done.Count)
		}
		w.Do("group.reject", fmt.Sprintf(`{"group": "billing", "seqs": [%d], "again_seconds": 30}`, one[1].Seq))
		w.Do("group.reject", fmt.Sprintf(`{"group": "billing", "seqs": [%d], "why": "unknown order"}`, two[0].Seq))
		dead := read[page[shownEvent]](t, w.Do("group.deliveries", `{"group": "billing", "dead": true}`)).Items
		if len(dead) != 1 || dead[0].Seq != two[0].Seq || dead[0].Dead != "unknown order" {
			t.Errorf("got %+v given up", dead)
		}
		ordinauttest.Pass(31 * time.Second)
		again := claimed(t, w, `{"group": "billing", "consumer": "three"}`)
		if len(again) != 1 || again[0].Seq != one[1].Seq || again[0].Tries != 2 {
			t.Errorf("got %+v again", again)
		}
		got = read[shownGroup](t, w.Do("group.get", `{"group": "billing"}`))
		if got.Pending != 2 || got.Dead != 1 {
			t.Errorf("got %+v, want two pending and one given up", got)
		}
		if list := read[page[shownGroup]](t, w.Do("group.list", `{}`)).Items; len(list) != 1 || list[0].Name != "billing" {
			t.Errorf("got %+v", list)
		}
	})
}

func TestAClaimWaitsForAnEvent(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		w.Do("group.create", `{"group": "billing", "topics": ["order.*"]}`)
		start := time.Now()
		if got := claimed(t, w, `{"group": "billing", "wait_seconds": 20}`); len(got) != 0 || time.Since(start) != 20*time.Second {
			t.Errorf("got %+v after %v, want nothing after 20s", got, time.Since(start))
		}
		go func() {
			<-time.After(3 * time.Second)
			tell(w, "order.paid", 1)
		}()
		start = time.Now()
		got := claimed(t, w, `{"group": "billing", "wait_seconds": 20, "lease_seconds": 5}`)
		if len(got) != 1 || time.Since(start) != 3*time.Second {
			t.Errorf("got %+v after %v, want one as it comes", got, time.Since(start))
		}
		start = time.Now()
		again := claimed(t, w, `{"group": "billing", "wait_seconds": 20}`)
		if len(again) != 1 || time.Since(start) > 5*time.Second+limits.StreamLook {
			t.Errorf("got %+v after %v, want what the other has let go of", again, time.Since(start))
		}
	})
}

func TestAGroupBeginsAnewElsewhere(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		tell(w, "order.paid", 0)
		ordinauttest.Pass(time.Hour)
		for n := range 3 {
			tell(w, "order.paid", n+1)
		}
		w.Do("group.create", `{"group": "billing", "topics": ["order.*"], "from": "start"}`)
		if got := told(claimed(t, w, `{"group": "billing"}`)); len(got) != 4 {
			t.Errorf("got %q, want all four", got)
		}
		for request, events := range map[string]int{
			`"to": "start"`: 4, `"to": "end"`: 0, `"at": "2000-01-01T00:30:00Z"`: 3, `"at": "2001-01-01T00:00:00Z"`: 0, `"after": 1`: 3, `"after": 99`: 0,
		} {
			got := read[shownGroup](t, w.Do("group.seek", `{"group": "billing", "dry_run": true, `+request+`}`))
			if got.Events != events || got.Forgot != 4 {
				t.Errorf("%s: got %+v, want %d events and four that are forgotten", request, got, events)
			}
		}
		if got := claimed(t, w, `{"group": "billing"}`); len(got) != 0 {
			t.Errorf("a dry run has let %d events be given out", len(got))
		}
		w.Do("group.seek", `{"group": "billing", "at": "2000-01-01T00:30:00Z"}`)
		if diff := cmp.Diff([]string{"order.paid 1", "order.paid 2", "order.paid 3"}, told(claimed(t, w, `{"group": "billing"}`))); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		w.Do("group.delete", `{"group": "billing"}`)
		for name, request := range map[string]string{
			"group.get": `{}`, "group.claim": `{}`, "group.ack": `{"seqs": [1]}`, "group.reject": `{"seqs": [1]}`,
			"group.seek": `{"to": "end"}`, "group.delete": `{}`, "group.deliveries": `{}`,
		} {
			var fields map[string]json.RawMessage
			if err := json.Unmarshal([]byte(request), &fields); err != nil {
				t.Fatal(err)
			}
			fields["group"] = json.RawMessage(`"billing"`)
			text, err := json.Marshal(fields)
			if err != nil {
				t.Fatal(err)
			}
			refused(t, w, name, string(text), ordinaut.CodeGroupNotFound)
		}
	})
}

func TestAGroupThatCannotBeIsRefused(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		w.Do("group.create", `{"group": "billing", "topics": ["order.*"]}`)
		refused(t, w, "group.create", `{"group": "billing", "topics": ["order.*"]}`, ordinaut.CodeGroupTaken)
		if e := refused(t, w, "group.get", `{"group": "biling"}`, ordinaut.CodeGroupNotFound); !strings.Contains(e.Fix, "billing") {
			t.Errorf("got the fix %q, want the nearest name", e.Fix)
		}
		both := refused(t, w, "group.create", `{"group": "a b", "topics": ["ok", ">.x"]}`, ordinaut.CodeRequestInvalid)
		if len(both.All()) != 2 || both.All()[1].At != "/topics/1" {
			t.Errorf("got %v, want both faults", both.All())
		}
		refused(t, w, "group.seek", `{"group": "billing"}`, ordinaut.CodeFieldRequired)
		refused(t, w, "group.seek", `{"group": "billing", "to": "end", "after": 1}`, ordinaut.CodeFieldRequired)
		for n := 1; n < limits.Groups; n++ {
			w.Do("group.create", fmt.Sprintf(`{"group": "g%d", "topics": [">"]}`, n))
		}
		refused(t, w, "group.create", `{"group": "more", "topics": [">"]}`, ordinaut.CodeGroupLimit)
	})
}
