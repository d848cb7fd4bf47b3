package cli_test

import (
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// anyText draws texts that are hard to write down: line breaks, spaces at the
// ends, what looks like another type, and what a terminal would obey. NUL has no
// place in a key.
func anyText() *rapid.Generator[string] {
	return rapid.Map(spelt(), func(text string) string { return strings.ReplaceAll(text, "\x00", "") })
}

func spelt() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.String(),
		rapid.StringMatching(`[ \t\n\r:#'"\\\-?&*!|>%@{}\[\]a]{0,8}`),
		rapid.SampledFrom([]string{
			"", "yes", "null", "~", "1.50", "0x1F", "2027-01-01", "1e3", "-", "=", "<<", "a\n", "\na", " a\n b\n\n", "a\n\n", "\t", "\u202e", "\u2028a", "\u0085", "\ufeff", "\x1b[31m", "# a", "a: b",
		}),
	)
}

// anyValue draws JSON as people and programs write it, a few levels deep.
func anyValue(depth int) *rapid.Generator[any] {
	return rapid.Custom(func(t *rapid.T) any {
		kinds := 4
		if depth > 0 {
			kinds = 6
		}
		switch rapid.IntRange(0, kinds-1).Draw(t, "kind") {
		case 0:
			return rapid.SampledFrom([]any{nil, true, false}).Draw(t, "word")
		case 1:
			return json.Number(rapid.SampledFrom([]string{"0", "-0", "1.50", "1e5", "1E-7", "12345678901234567890123", "0.1", "-7", "1e300", "1.0"}).Draw(t, "number"))
		case 2, 3:
			return strings.ReplaceAll(anyText().Draw(t, "text"), "$", "")
		case 4:
			return rapid.SliceOfN(anyValue(depth-1), 0, 3).Draw(t, "list")
		}
		return rapid.MapOfN(anyText(), anyValue(depth-1), 0, 3).Draw(t, "object")
	})
}

// anyTask draws a task that can be created.
func anyTask() *rapid.Generator[map[string]any] {
	return rapid.Custom(func(t *rapid.T) map[string]any {
		task := map[string]any{
			"key": "t", "title": "T" + rapid.StringMatching(`[a-z:#' "]{0,9}`).Draw(t, "title"), "schedule_kind": "manual",
			"payload": map[string]any{
				"params":   map[string]any{"p": anyValue(3).Draw(t, "param")},
				"pipeline": []any{map[string]any{"uses": "debug.echo", "with": map[string]any{"value": anyValue(2).Draw(t, "argument")}, "description": anyText().Draw(t, "description")}},
			},
		}
		for name, values := range map[string][]any{
			"description": {"", "a\nb\n", " x"}, "priority": {1, 5, 9}, "labels": {map[string]any{}, map[string]any{"a": "yes", "b": ""}},
			"catch_up": {"latest", "all"}, "catch_up_window_seconds": {0, 86_400, 7}, "max_retries": {0, 3}, "overlap": {"skip", "allow"},
			"backoff_base_seconds": {1, 0.5}, "timeout_seconds": {3600, 1}, "jitter_seconds": {0, 5}, "ends_at": {"2099-01-01T00:00:00+02:00"},
			"timezone": {"UTC", "Europe/Chisinau"}, "gap": {"shift", "skip"},
		} {
			if rapid.Bool().Draw(t, name) {
				task[name] = rapid.SampledFrom(values).Draw(t, "value of "+name)
			}
		}
		return task
	})
}

// TestWhatIsExportedIsWhatWasThere applies exported tasks, in both notations,
// which must change nothing.
func TestWhatIsExportedIsWhatWasThere(t *testing.T) {
	t.Parallel()
	u := newOffice(t)
	rapid.Check(t, func(r *rapid.T) {
		text, err := json.Marshal(anyTask().Draw(r, "task"))
		if err != nil {
			r.Fatal(err)
		}
		u.stdin = string(text)
		if got := u.run("apply -f -"); got.exit != 0 {
			r.Fatalf("%s: %s", text, got.stderr)
		}
		for _, format := range []string{"yaml", "json"} {
			exported := u.run("export t -o " + format)
			u.stdin = exported.stdout
			if got := u.run("apply -f - --dry-run -o json"); !strings.Contains(got.stdout, `"outcome":"unchanged"`) {
				u.stdin = exported.stdout
				r.Fatalf("applied again it is %s%s\n%s\n%s", got.stdout, got.stderr, exported.stdout, u.run("diff -f -").stdout)
			}
		}
	})
}
