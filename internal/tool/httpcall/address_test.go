package httpcall

import (
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ordinaut/ordinaut/internal/expr"
	"pgregory.net/rapid"
)

func TestAnArgumentIsOneSegmentAndNothingElse(t *testing.T) {
	t.Parallel()
	a := newAddress("https://api.example.com:8443/items/${id}/tags?q=${id}&end")
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.OneOf(rapid.String(), rapid.StringMatching(`[./\\%?#&@:25eEfF]{1,8}`)).Draw(t, "id")
		rendered, err := a.render(&expr.Env{Roots: map[string]any{"id": id}})
		if err != nil {
			return
		}
		u, err := url.Parse(rendered)
		if err != nil {
			t.Fatalf("got %q, want a URL: %v", rendered, err)
		}
		if u.Scheme != "https" || u.Host != "api.example.com:8443" || u.User != nil || u.Fragment != "" {
			t.Errorf("got %q, want the origin of the template", rendered)
		}
		if segments := strings.Split(u.EscapedPath(), "/"); len(segments) != 4 || segments[1] != "items" || segments[3] != "tags" {
			t.Errorf("got the path %q, want the shape of the template", u.EscapedPath())
		}
		want := url.Values{"q": {id}, "end": {""}}
		if diff := cmp.Diff(want, u.Query()); diff != "" || u.Path != "/items/"+id+"/tags" {
			t.Errorf("got %q, want %q in both places:\n%s", rendered, id, diff)
		}
	})
}

func TestATemplateIsSplitWhereItsExpressionsEnd(t *testing.T) {
	t.Parallel()
	places := []string{"${id}", "${ id }", "${ {a: id}.a }", "${ {a: {b: id}}.a.b }", "${'}'}", "${'${x}'}", "${`{\"a\": \"}\"}`.a}", "${\"id\"}", "${id || '}'}"}
	literals := []string{"", "/", "a}b", "{", "$", "$ {", "}}", "ü"}
	rapid.Check(t, func(t *rapid.T) {
		var text strings.Builder
		var wantLiterals, wantPlaces []string
		for range rapid.IntRange(0, 4).Draw(t, "places") {
			literal := strings.TrimSuffix(rapid.SampledFrom(literals).Draw(t, "literal"), "$") // which would escape what follows
			place := rapid.SampledFrom(places).Draw(t, "place")
			text.WriteString(literal + place)
			wantLiterals, wantPlaces = append(wantLiterals, literal), append(wantPlaces, place)
		}
		last := rapid.SampledFrom(append(literals, "$${id}")).Draw(t, "last")
		text.WriteString(last)
		wantLiterals = append(wantLiterals, strings.Replace(last, "$${", "${", 1))

		gotLiterals, gotPlaces := split(text.String())
		if diff := cmp.Diff(wantLiterals, gotLiterals) + cmp.Diff(wantPlaces, gotPlaces); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text.String(), diff)
		}
	})
}
