package expr

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ordinaut/ordinaut"
)

// TestFunctions covers what the compliance cases do not: the functions beyond
// standard JMESPath, and the corners of the standard ones.
func TestFunctions(t *testing.T) {
	t.Parallel()
	for _, c := range slices.Concat(textFunctionCases(), numberFunctionCases(), otherFunctionCases()) {
		if diff := cmp.Diff(decode(t, c[1]), mustEval(t, c[0])); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c[0], diff)
		}
	}
}

func textFunctionCases() [][2]string {
	return [][2]string{
		{"split('a,b,,c', ',')", `["a", "b", "", "c"]`},
		{"split('aă✓', '')", `["a", "ă", "✓"]`},
		{"split('', ',')", `[""]`},
		{"replace('a-b-c', '-', '')", `"abc"`},
		{"lower('ÎNTÂI')", `"întâi"`},
		{"upper('straße')", `"STRAßE"`},
		{"trim(' \n a b\t')", `"a b"`},
		{"reverse('aă✓')", `"✓ăa"`},
		{"json('a')", `"\"a\""`},
		{"json(`{\"b\": [1.50, null, true], \"a\": \"<&>\"}`)", `"{\"a\":\"<&>\",\"b\":[1.50,null,true]}"`},
		{"json(`{}`)", `"{}"`},
		{"to_string('a')", `"a"`},
		{"to_string(1.50)", `"1.5"`},
		{"to_string(`1.50`)", `"1.50"`},
		{"parse_json('{\"a\": [1.0, \"x\"]}').a", `[1.0, "x"]`},
		{"parse_json(' 12345678901234567890 ')", `12345678901234567890`},
		{"length('aă✓')", `3`},
		{"length(`{\"a\": 1}`)", `1`},
		{"uuid('send')", `"96f31db7-8a96-562b-b0a7-f9e3d4381418"`},
		{"uuid('send') == uuid('send')", `true`},
		{"uuid('send') == uuid('sent')", `false`},
	}
}

func numberFunctionCases() [][2]string {
	return [][2]string{
		{"to_number('-1.50')", `-1.5`},
		{"to_number('')", `null`},
		{"to_number(' 1')", `null`},
		{"to_number('1 ')", `null`},
		{"to_number('1\n')", `null`},
		{"to_number('-')", `null`},
		{"to_number('01')", `null`},
		{"to_number('0x10')", `null`},
		{"to_number('true')", `null`},
		{"to_number(`7`)", `7`},
		{"round(0.5, 0)", `1`},
		{"round(-0.5, 0)", `-1`},
		{"round(2.5, 0)", `3`},
		{"round(1.005, 1)", `1`},
		{"round(15, -1)", `20`},
		{"round(1e20, 2)", `1e+20`},
		{"abs(-9007199254740993)", `9007199254740993`},
		{"abs(-1.5)", `1.5`},
		{"ceil(-1.5)", `-1`},
		{"floor(7)", `7`},
		{"floor(-1.5)", `-2`},
		{"sum(`[9007199254740993, 1]`)", `9007199254740994`},
		{"avg(`[1, 2]`)", `1.5`},
		{"avg(`[]`)", `null`},
		{"avg(`[2, 4]`)", `3`},
		{"max(`[1, 2.0, 2]`)", `2.0`},
		{"min(`[]`)", `null`},
	}
}

func otherFunctionCases() [][2]string {
	return [][2]string{
		{"default(`null`, 1)", `1`},
		{"default(`0`, 1)", `0`},
		{"if(`0`, 'yes', 'no')", `"yes"`},
		{"if('', 'yes', 'no')", `"no"`},
		{"min_by(`[]`, &a)", `null`},
		{"max_by(`[{\"a\": 1, \"b\": 1}, {\"a\": 1, \"b\": 2}]`, &a).b", `1`},
		{"sort_by(`[{\"a\": 1, \"b\": 2}, {\"a\": 0}, {\"a\": 1, \"b\": 1}]`, &a)[*].b", `[2, 1]`},
		{"sort(`[\"b\", \"B\", \"ă\", \"a\"]`)", `["B", "a", "b", "ă"]`},
		{"sort(`[10, 9.5, 9007199254740993, 9007199254740992]`)", `[9.5, 10, 9007199254740992, 9007199254740993]`},
		{"values(`{\"b\": 1, \"a\": 2}`)", `[2, 1]`},
		{"keys(`{\"b\": 1, \"a\": 2}`)", `["a", "b"]`},
		{"`{\"b\": 1, \"a\": 2}`.*", `[2, 1]`},
		{"contains(`[1, {\"a\": 1}]`, `{\"a\": 1.0}`)", `true`},
		{"contains('abc', 1)", `false`},
		{"type(`null`)", `"null"`},
		{"to_array(`null`)", `[null]`},
		{"not_null(`null`, 'x')", `"x"`},
		{"merge(`{\"a\": 1}`, {b: 'x'})", `{"a": 1, "b": "x"}`},
		{"'x' | length()", `1`},
		{"`[3, 1]` | sort_by(&@)", `[1, 3]`},
		{"'a' | if(`true`, @)", `true`},
	}
}

func TestUUIDsDifferBetweenRuns(t *testing.T) {
	t.Parallel()
	e, err := Parse("uuid('send')")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[any]string{}
	for _, run := range []string{"", "run-1", "run-2", "0198a6b2-0000-7000-8000-000000000001", "0198a6b2-0000-7000-8000-000000000002"} {
		v, err := e.Eval(&Env{RunID: run})
		if err != nil {
			t.Fatal(err)
		}
		if other, found := seen[v]; found {
			t.Errorf("runs %q and %q both make %v", run, other, v)
		}
		seen[v] = run
	}
}

func TestStrftime(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("EET", 2*3600)
	at := time.Date(2026, 1, 4, 15, 4, 5, 678_901_234, zone)
	for format, want := range map[string]string{
		"%Y-%m-%d": "2026-01-04", "%F": "2026-01-04", "%D": "01/04/26", "%y": "26", "%C": "20",
		"%H:%M:%S": "15:04:05", "%T": "15:04:05", "%R": "15:04", "%I %p": "03 PM", "%k": "15", "%f": "678901",
		"%a %A": "Sun Sunday", "%b %h %B": "Jan Jan January", "%e|%-d|%-m|%-H": " 4|4|1|15", "%j": "004",
		"%u %w": "7 0", "%G-W%V": "2026-W01", "%U": "01", "%W": "00", "%z %Z": "+0200 EET",
		"%s": "1767531845", "%c": "Sun Jan  4 15:04:05 2026", "%n%t%%": "\n\t%", "": "", "ora %H ✓": "ora 15 ✓",
	} {
		got, err := strftime(at, format)
		if err != nil || got != want {
			t.Errorf("%q: got %q, %v, want %q", format, got, err, want)
		}
	}
	midnight := time.Date(2027, 1, 3, 0, 0, 0, 0, time.UTC)
	if got, err := strftime(midnight, "%-H:%-M %G-%V %U %W %-j"); err != nil || got != "0:0 2026-53 01 00 3" {
		t.Errorf("midnight: got %q, %v", got, err)
	}
	for _, format := range []string{"%", "%-", "%Q", "%é", "%-Q"} {
		if got, err := strftime(at, format); err == nil {
			t.Errorf("%q: got %q, want an error", format, got)
		}
	}
}

// TestCalendarDays draws what adding days does around clock changes.
func TestCalendarDays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, zone, text, by, want string }{
		{"a day before the spring change is 23 hours", "Europe/Chisinau", "2026-03-28T12:00:00+02:00", "1d", "2026-03-29T12:00:00+03:00"},
		{"24 hours are 24 hours", "Europe/Chisinau", "2026-03-28T12:00:00+02:00", "24h", "2026-03-29T13:00:00+03:00"},
		{"a time that does not exist is read with the offset before", "Europe/Berlin", "2026-03-28T02:30:00+01:00", "1d", "2026-03-29T03:30:00+02:00"},
		{"also backwards", "Europe/Berlin", "2026-03-30T02:30:00+02:00", "-1d", "2026-03-29T03:30:00+02:00"},
		{"a time that exists twice is the first", "Europe/Berlin", "2026-10-24T02:30:00+02:00", "1d", "2026-10-25T02:30:00+02:00"},
		{"a week over a change", "America/New_York", "2026-11-01T00:30:00-04:00", "1w", "2026-11-08T00:30:00-05:00"},
		{"days first, then the rest", "Europe/Berlin", "2026-03-28T01:30:00+01:00", "1d1h", "2026-03-29T03:30:00+02:00"},
		{"a day that does not exist", "Pacific/Apia", "2011-12-29T10:00:00-10:00", "1d", "2011-12-31T10:00:00+14:00"},
		{"a time in another zone is moved to the task's", "Europe/Berlin", "2026-07-01T23:00:00-10:00", "1d", "2026-07-03T11:00:00+02:00"},
		{"February", "UTC", "2024-02-28T00:00:00Z", "1d", "2024-02-29T00:00:00Z"},
		{"a fraction of a second stays", "UTC", "2026-01-01T00:00:00.123456789Z", "1s", "2026-01-01T00:00:01.123456789Z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			zone, err := time.LoadLocation(c.zone)
			if err != nil {
				t.Fatal(err)
			}
			got, err := shift(zone, c.text, c.by, false)
			if err != nil || got != c.want {
				t.Errorf("%s + %s: got %v, %v, want %s", c.text, c.by, got, err, c.want)
			}
		})
	}
}

func TestDurationsThatCannotBe(t *testing.T) {
	t.Parallel()
	for _, by := range []any{
		"", "5", "h", "5x", "1h 30m", "+1h", "--1h", "1h-30m", "PT90M", "1.5h", "99999999999999999999s",
		"3660001d", "522858w", "2196000h1h", "9223372036854775807s", "9223372036854775807w", "2196000h2196000h",
		1e12, -1e12, true, nil, []any{},
	} {
		if got, err := shift(time.UTC, "2026-01-01T00:00:00Z", by, false); err == nil {
			t.Errorf("%v: got %v, want an error", by, got)
		}
	}
	for _, text := range []string{"", "2026-01-01", "2026-01-01 00:00:00Z", "tomorrow", "2026-13-01T00:00:00Z"} {
		if got, err := shift(time.UTC, text, "1h", false); err == nil {
			t.Errorf("%q: got %v, want an error", text, got)
		}
	}
}

// TestErrorsOfArguments checks that a failing argument ends every kind of node.
func TestErrorsOfArguments(t *testing.T) {
	t.Parallel()
	const bad = "gone.x"
	for _, form := range []string{
		"!X", "-X", "X + 1", "1 + X", "X == 1", "1 == X", "X && a", "params && X", "`null` || X", "X ? a : b", "params ? X : b",
		"[X]", "{a: X}", "X[0]", "X[*]", "X.*", "X[]", "X[0:1]", "X[?a]", "X | params", "length(X)",
		"steps.items[?$.X]", "steps.items[*].[$.X]", "map(&$.X, steps.items)", "sort_by(steps.items, &$.X)", "min_by(steps.items, &$.X)",
		"default(X, 1) | [$.X]", "if(X, 1, 2)",
	} {
		e, err := Parse(strings.ReplaceAll(form, "X", bad))
		if err != nil {
			t.Errorf("%s: %v", form, err)
			continue
		}
		_, err = e.Eval(env(t))
		wantCode(t, form, err, ordinaut.CodeExprRoot)
	}
}
