package lookout_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/lookout"
)

// order is an event as a pipeline sees it.
func order(t testing.TB) map[string]any {
	t.Helper()
	document, err := lookout.Document(ordinaut.Event{
		Seq: 7, ID: "o-1", Source: "shop", Topic: "order.created", Subject: "A-17",
		At: time.Date(2027, 3, 1, 8, 0, 0, 0, time.UTC), Data: json.RawMessage(`{"total": 120, "customer": {"name": "Ana"}}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	view, err := lookout.View(document)
	if err != nil {
		t.Fatal(err)
	}
	return view
}

func TestParseReadsAPatternAndACondition(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct{ canonical, sentence string }{
		"order.created":                          {"order.created", "events of order.created"},
		"  order.created  ":                      {"order.created", "events of order.created"},
		">":                                      {">", "all events"},
		"order.>":                                {"order.>", "events of all topics under order"},
		"order.*":                                {"order.*", "events whose topic fits order.*"},
		"*.created.>":                            {"*.created.>", "events whose topic fits *.created.>"},
		"order.*  WHERE   data.total > 100":      {"order.* where data.total > 100", "events whose topic fits order.*, if data.total > 100"},
		"order.created where\ndata.where == 'a'": {"order.created where data.where == 'a'", "events of order.created, if data.where == 'a'"},
	} {
		l, err := lookout.Parse(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if l.String() != want.canonical || l.Sentence() != want.sentence {
			t.Errorf("%q: got %q, %q, want %q, %q", text, l, l.Sentence(), want.canonical, want.sentence)
		}
		again, err := lookout.Parse(l.String())
		if err != nil || again.String() != l.String() {
			t.Errorf("%q: its canonical form reads as %v, %v", text, again, err)
		}
	}
}

func TestParseTellsWhatIsWrong(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text    string
		code    ordinaut.Code
		example string
	}{
		{"", ordinaut.CodeEventTopic, "order.created"},
		{"order created", ordinaut.CodeEventTopic, "order where data.total > 100"},
		{"order where", ordinaut.CodeEventTopic, "order"},
		{"order..created", ordinaut.CodeEventTopic, "order.created"},
		{".order", ordinaut.CodeEventTopic, "order"},
		{"order.>.created", ordinaut.CodeEventTopic, "order.>"},
		{"order.cre*", ordinaut.CodeEventTopic, "order.cre"},
		{"büro", ordinaut.CodeEventTopic, "bro"},
		{strings.Repeat("a", 201), ordinaut.CodeEventTopic, ""},
		{strings.Repeat("a.", 16) + "a", ordinaut.CodeEventTopic, ""},
		{"order where data.total >", ordinaut.CodeExprSyntax, ""},
		{"order where total > 100", ordinaut.CodeExprRoot, "data.total"},
		{"order where dta.total > 100", ordinaut.CodeExprRoot, "data"},
	} {
		_, err := lookout.Parse(c.text)
		fault := ordinaut.AsError(err)
		if !errors.Is(err, &ordinaut.Error{Code: c.code}) || fault.Fix == "" {
			t.Errorf("%.40q: got %v, want %s with a fix", c.text, err, c.code)
			continue
		}
		if c.example != "" && (len(fault.Examples) == 0 || fault.Examples[0] != c.example) {
			t.Errorf("%.40q: got the examples %q, want %q", c.text, fault.Examples, c.example)
		}
	}
}

func TestTheLimitsOfTopicsAreWhereTheyAre(t *testing.T) {
	t.Parallel()
	for _, topic := range []string{strings.Repeat("a", 200), strings.TrimSuffix(strings.Repeat("a.", 16), ".")} {
		if err := lookout.CheckTopic(topic); err != nil {
			t.Errorf("%.20q: %v", topic, err)
		}
	}
	for _, topic := range []string{"order.*", "order.>", "*"} {
		if err := lookout.CheckTopic(topic); err == nil {
			t.Errorf("%q is the topic of an event", topic)
		}
		if err := lookout.CheckPattern(topic); err != nil {
			t.Errorf("%q is no pattern: %v", topic, err)
		}
	}
}

func TestALookoutSeesWhatItsConditionHoldsFor(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"order.created":                                   true,
		"order.created where data.total > 100":            true,
		"order.created where data.total > 120":            false,
		"order.created where payload.total == `120`":      true,
		"order.created where event.data.total == 120":     true,
		"order.created where data.customer.name == 'Ana'": true,
		"order.created where data.missing":                false,
		"order.created where type == topic":               true,
		"order.created where subject == 'A-17' && source": true,
		"order.created where ${data.total}":               true,
	} {
		l, err := lookout.Parse(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if !l.Covers("order.created") || l.Covers("order") {
			t.Errorf("%q covers the wrong topics", text)
		}
		if got, err := l.Sees(order(t)); got != want || err != nil {
			t.Errorf("%q: got %v, %v, want %v", text, got, err, want)
		}
	}
	l, err := lookout.Parse("order.created where abs(data.customer) > 1")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := l.Sees(order(t)); got || err == nil {
		t.Errorf("what cannot be evaluated holds: %v, %v", got, err)
	}
}

func TestEventsBelongTogetherForWhichAnExpressionIsTheSame(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                   "",
		"data.customer.name": `"Ana"`,
		"data.customer":      `{"name":"Ana"}`,
		"data.missing":       "null",
		"abs(data.customer)": "null",
	} {
		per, err := lookout.ParsePer(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := per.Of(order(t)); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
	for _, text := range []string{"data.", "customer"} {
		if _, err := lookout.ParsePer(text); err == nil {
			t.Errorf("%q is an expression over an event", text)
		}
	}
	long := order(t)
	long["data"] = strings.Repeat("x", 10_000)
	per, err := lookout.ParsePer("data")
	if err != nil {
		t.Fatal(err)
	}
	if got := per.Of(long); len(got) > 100 {
		t.Errorf("a long value makes a name of %d bytes", len(got))
	}
}

func TestARunReadsItsEventAndThoseItHasGathered(t *testing.T) {
	t.Parallel()
	one, err := lookout.Root(json.RawMessage(`{"type":"a","data":1}`))
	if err != nil {
		t.Fatal(err)
	}
	event := map[string]any{"type": "a", "topic": "a", "data": json.Number("1"), "payload": json.Number("1")}
	want := map[string]any{"type": "a", "topic": "a", "data": json.Number("1"), "payload": json.Number("1"), "count": 1, "events": []any{event}}
	if diff := cmp.Diff(want, one); diff != "" {
		t.Errorf("one event (-want +got):\n%s", diff)
	}
	several, err := lookout.Root(json.RawMessage(`[{"type":"a","data":1},{"type":"b"}]`))
	if err != nil {
		t.Fatal(err)
	}
	if several["type"] != "b" || several["data"] != nil || several["count"] != 2 || len(several["events"].([]any)) != 2 {
		t.Errorf("got %v, want the newest of two", several)
	}
	for _, broken := range []string{`[1`, `["a"]`, `5`, ``} {
		if root, err := lookout.Root(json.RawMessage(broken)); err == nil {
			t.Errorf("%q reads as %v", broken, root)
		}
	}
}

func TestWhatParseReadsItReadsAgain(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[a-z*>]{1,4}(\.[a-z*>]{1,4}){0,3}( where [a-z.=0-9'& ]{1,20})?`).Draw(t, "text")
		l, err := lookout.Parse(text)
		if err != nil {
			if fault := ordinaut.AsError(err); fault.Message == "" || fault.Fix == "" {
				t.Fatalf("%q: an error without words: %v", text, fault)
			}
			return
		}
		again, err := lookout.Parse(l.String())
		if err != nil || again.String() != l.String() {
			t.Fatalf("%q reads as %q, and that as %v, %v", text, l, again, err)
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add("order.* where data.total > 100")
	f.Add(">")
	f.Fuzz(func(t *testing.T, text string) {
		l, err := lookout.Parse(text)
		if err != nil {
			return
		}
		if again, err := lookout.Parse(l.String()); err != nil || again.String() != l.String() {
			t.Fatalf("%q reads as %q, and that as %v, %v", text, l, again, err)
		}
		_, _ = l.Sees(order(t))
	})
}
