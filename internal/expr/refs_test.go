package expr

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestRefsListWhatIsReadFromTheRoots(t *testing.T) {
	t.Parallel()
	steps := func(names ...string) (refs []Ref) {
		for _, name := range names {
			refs = append(refs, Ref{Root: "steps", Name: name})
		}
		return refs
	}
	for _, c := range []struct {
		text string
		want []Ref
	}{
		{"steps.events.items[0].id", steps("events")},
		{`steps."send-mail".id`, steps("send-mail")},
		{"steps.send-mail.id", steps("send-mail")},
		{"steps | keys(@)", steps("")},
		{"keys(steps)", steps("")},
		{"steps.*", steps("")},
		{"steps['x']", nil},
		{"steps.{a: one.x, b: two}", steps("one", "two")},
		{"steps.[one, two, three]", steps("one", "two", "three")},
		{"steps | one", steps("one")},
		{"now + 1h", []Ref{{Root: "now"}}},
		{"params.list[?id == other.id]", []Ref{{Root: "params", Name: "list"}}},
		{"params.list[?id == $.params.id].name", []Ref{{Root: "params", Name: "list"}, {Root: "params", Name: "id"}}},
		{"params.list[*].{a: b, c: $.steps.x}", append([]Ref{{Root: "params", Name: "list"}}, steps("x")...)},
		{"sort_by(steps.a, &price)[0]", steps("a")},
		{"map(&[x, $.run.id], steps.a)", []Ref{{Root: "run", Name: "id"}, {Root: "steps", Name: "a"}}},
		{"[params.a, {b: event.c}]", []Ref{{Root: "params", Name: "a"}, {Root: "event", Name: "c"}}},
		{"item", []Ref{{Root: "item"}}},
		{"1 + 2 == 3 and true", nil},
		{"'text' | length(@)", nil},
		{"not a.b", []Ref{{Root: "a", Name: "b"}}},
		{"steps.a || steps.b", []Ref{{Root: "steps", Name: "a", Optional: true}, {Root: "steps", Name: "b"}}},
		{"default(steps.a, steps.b)", []Ref{{Root: "steps", Name: "a", Optional: true}, {Root: "steps", Name: "b"}}},
		{"steps.a | default('x')", []Ref{{Root: "steps", Name: "a", Optional: true}}},
		{"not_null(steps.a, steps.b)", []Ref{{Root: "steps", Name: "a", Optional: true}, {Root: "steps", Name: "b", Optional: true}}},
		{"steps.a.b?", []Ref{{Root: "steps", Name: "a", Optional: true}}},
		{"steps.a ? steps.b : c", []Ref{{Root: "steps", Name: "a"}, {Root: "steps", Name: "b"}, {Root: "c"}}},
		{"!steps.a && steps.b > 3", steps("a", "b")},
		{"${ steps.a }", steps("a")},
		{"-steps.a[1:2]", steps("a")},
	} {
		e, err := Parse(c.text)
		if err != nil {
			if c.want != nil {
				t.Errorf("%s: %v", c.text, err)
			}
			continue
		}
		if diff := cmp.Diff(c.want, e.Refs(), cmpopts.IgnoreFields(Ref{}, "Offset"), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.text, diff)
		}
	}
}

func TestRefsOfATemplateSayWhereTheyStand(t *testing.T) {
	t.Parallel()
	tmpl, err := ParseTemplate(decode(t, `{
		"to": "${params.to}", "a/b~c": ["x", {"y": "ș ${steps.a.x} ${steps.b?}"}], "fixed": [1, "$${x}", null]}`))
	if err != nil {
		t.Fatal(err)
	}
	want := []Ref{
		{Root: "steps", Name: "a", At: "/a~1b~0c/1/y", Offset: 5},
		{Root: "steps", Name: "b", At: "/a~1b~0c/1/y", Offset: 18, Optional: true},
		{Root: "params", Name: "to", At: "/to", Offset: 2},
	}
	if diff := cmp.Diff(want, tmpl.Refs()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
