package jsonguard_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/jsonguard"
	"github.com/ordinaut/ordinaut/internal/limits"
)

const briefing = `{"title": "Weekday Morning Briefing", "tags": ["a", "b\n", "\u00e9", "\ud83d\ude00"],
  "n": [0, -0, 1, -12.50, 1e3, 1E+3, 2.5e-308, 1.7976931348623157e308], "on": true, "off": false, "none": null,
  "nested": {"a": {"b": [[], {}]}}, "text": "Chișinău"}`

func TestCheckLetsOrdinaryDocumentsThrough(t *testing.T) {
	t.Parallel()
	for _, doc := range []string{`null`, ` true `, `0`, `"x"`, `[]`, `{}`, "\t[1 ,\r\n2]", `{"":1}`, `{"a":{"a":1}}`, briefing} {
		t.Run(doc, func(t *testing.T) {
			t.Parallel()
			if err := jsonguard.Check([]byte(doc), jsonguard.Limits{}); err != nil {
				t.Errorf("got %v, want nil", err)
			}
		})
	}
}

func TestCheckNamesWhatIsWrongAndWhere(t *testing.T) {
	t.Parallel()
	const bad, deep, twice = ordinaut.CodeRequestMalformed, ordinaut.CodeRequestTooDeep, ordinaut.CodeRequestDuplicate
	tests := []struct {
		name, doc string
		code      ordinaut.Code
		at        string
		message   string // a part of it
	}{
		{"nothing", "", bad, "", "empty (line 1, column 1)"},
		{"only white space", " \n ", bad, "", "empty (line 2, column 2)"},
		{"a byte order mark", "\xef\xbb\xbf{}", bad, "", "byte order mark"},
		{"two values", "{} {}", bad, "", "follows the end of the JSON value (line 1, column 4)"},
		{"a NUL after the value", "1\x00", bad, "", "follows the end"},
		{"a bare word", "yes", bad, "", "a value is expected, not 'y'"},
		{"half a word", "[tru]", bad, "/0", "a value is expected, not 't'"},
		{"NaN", `{"n": NaN}`, bad, "/n", "a value is expected, not 'N'"},
		{"a comment", "// x", bad, "", "a value is expected, not '/'"},
		{"single quotes", "{'a': 1}", bad, "", `a key in double quotes is expected, not '\''`},
		{"a trailing comma in an object", `{"a": 1,}`, bad, "", "a key in double quotes is expected, not '}'"},
		{"a trailing comma in an array", `[1,]`, bad, "/1", "a value is expected, not ']'"},
		{"no comma", `{"a": {"b": [1 2]}}`, bad, "/a/b", "a comma or ] is expected, not '2' (line 1, column 16)"},
		{"no comma between fields", "{\"a\": 1\n \"b\": 2}", bad, "", "a comma or } is expected, not '\"' (line 2, column 2)"},
		{"no colon", `{"a" 1}`, bad, "", "a colon after the key is expected"},
		{"an object that does not end", `{"a": 1`, bad, "", "ends where a comma or } is expected"},
		{"a string that does not end", `{"a": "b`, bad, "/a", "no closing quote (line 1, column 7)"},
		{"a string that ends in a backslash", `"a\`, bad, "", "an escape that JSON does not know"},
		{"an unknown escape", `["\x41"]`, bad, "/0", "an escape that JSON does not know"},
		{"a short escape", `["\u00g1"]`, bad, "/0", "four hexadecimal digits"},
		{"a line break in a string", "[\"a\nb\"]", bad, "/0", "control character"},
		{"a lone high surrogate", `["\ud83d"]`, bad, "/0", "surrogate"},
		{"a lone low surrogate", `["\ude00"]`, bad, "/0", "surrogate"},
		{"a high surrogate before a letter", `["\ud83d\u0041"]`, bad, "/0", "surrogate"},
		{"a high surrogate before the wrong escape", `["\ud83d\nude00"]`, bad, "/0", "surrogate"},
		{"invalid UTF-8", "[\"é\", \"\xff\"]", bad, "/1", "not valid UTF-8 (line 1, column 8)"},
		{"an overlong encoding", "\"\xc0\xaf\"", bad, "", "not valid UTF-8"},
		{"a NUL in a key", `{"a\u0000": 1}`, bad, "", "NUL"},
		{"a leading zero", `[01]`, bad, "", "a comma or ] is expected, not '1'"},
		{"a leading plus", `+1`, bad, "", "a value is expected"},
		{"a lone minus", `-`, bad, "", "ends where a digit is expected"},
		{"no digit after the point", `1.`, bad, "", "after the decimal point"},
		{"no digit in the exponent", `1e+`, bad, "", "in the exponent"},
		{"a huge exponent", `{"n": 1e100000000}`, bad, "/n", "too large or too small"},
		{"an exponent past a float64", `1E400`, bad, "", "too large or too small"},
		{"a product past a float64", `10e308`, bad, "", "too large or too small"},
		{"a tiny number", `1e-309`, bad, "", "too large or too small"},
		{"a key twice", `{"a": 1, "b": 2, "a": 3}`, twice, "/a", `the key "a" stands twice in one object (line 1, column 18)`},
		{"a key twice after unescaping", `{"x": [{"a": 1, "\u0061": 2}]}`, twice, "/x/0/a", `the key "a" stands twice`},
		{"a key twice with a slash and a tilde", `{"a/b~": 1, "a/b~": 2}`, twice, "/a~1b~0", "stands twice"},
		{"several keys twice", `{"b": 1, "a": 1, "a": 2, "b": 2}`, twice, "/a", "column 18"},
		{"65 levels", strings.Repeat("[", 65) + strings.Repeat("]", 65), deep, strings.Repeat("/0", 64), "deeper than 64 levels"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var e *ordinaut.Error
			if err := jsonguard.Check([]byte(tt.doc), jsonguard.Limits{}); !errors.As(err, &e) {
				t.Fatalf("got %v, want an *ordinaut.Error", err)
			}
			if diff := cmp.Diff([]string{string(tt.code), tt.at}, []string{string(e.Code), e.At}); diff != "" {
				t.Errorf("code and place (-want +got):\n%s", diff)
			}
			if !strings.Contains(e.Message, tt.message) || e.Fix == "" {
				t.Errorf("got message %q with fix %q, want %q and a fix", e.Message, e.Fix, tt.message)
			}
		})
	}
}

func TestCheckKeepsEachLimit(t *testing.T) {
	t.Parallel()
	nested := func(n int) string { return strings.Repeat(`{"a":`, n) + "1" + strings.Repeat("}", n) }
	list := func(n int) string { return "[" + strings.Repeat("0,", n-2) + "0]" }
	tests := []struct {
		name  string
		limit int
		make  func(n int) string
	}{
		{"depth", limits.JSONDepth, nested},
		{"values", limits.JSONNodes, list},
		{"bytes of a string", limits.JSONStringBytes, func(n int) string { return `"` + strings.Repeat("a", n) + `"` }},
		{"bytes of a key", limits.JSONStringBytes, func(n int) string { return `{"` + strings.Repeat("a", n) + `":1}` }},
		{"characters of a number", limits.JSONNumberChars, func(n int) string { return strings.Repeat("9", n) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if err := jsonguard.Check([]byte(tt.make(tt.limit)), jsonguard.Limits{}); err != nil {
				t.Errorf("at the limit: got %v, want nil", err)
			}
			if err := jsonguard.Check([]byte(tt.make(tt.limit+1)), jsonguard.Limits{}); err == nil {
				t.Error("one past the limit: got nil, want an error")
			}
		})
	}
	t.Run("the caller's own limits", func(t *testing.T) {
		t.Parallel()
		if err := jsonguard.Check([]byte(`[[1]]`), jsonguard.Limits{Depth: 1}); !errors.Is(err, &ordinaut.Error{Code: ordinaut.CodeRequestTooDeep}) {
			t.Errorf("got %v, want too deep", err)
		}
	})
}

// Each of these makes some decoder or validator quadratic, or ends the process.
// What takes milliseconds has seconds here, for the race detector on a busy
// machine; unbounded, it would take minutes.
func TestCheckIsQuickOnHostileDocuments(t *testing.T) {
	const keys = 50_000
	many := func(format string) string {
		var b strings.Builder
		for i := range keys {
			fmt.Fprintf(&b, format, i)
		}
		return "{" + strings.TrimSuffix(b.String(), ",") + "}"
	}
	tests := []struct {
		name, doc string
		within    time.Duration
	}{
		{"4 MiB of open brackets", strings.Repeat("[", 4<<20), 20 * time.Millisecond},
		{"4 MiB of open objects", strings.Repeat(`{"a":`, 800<<10), 20 * time.Millisecond},
		{"a number of 4 MiB", strings.Repeat("9", 4<<20), 20 * time.Millisecond},
		{"50,000 keys in one object", many(`"%d":0,`), 20 * time.Second},
		{"50,000 escaped keys in one object", many(`"\u0061%d":0,`), 20 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			data, fastest := []byte(tt.doc), time.Hour
			for range 3 {
				start := time.Now()
				_ = jsonguard.Check(data, jsonguard.Limits{})
				if fastest = min(fastest, time.Since(start)); fastest <= tt.within {
					return
				}
			}
			t.Errorf("took %v, want at most %v", fastest, tt.within)
		})
	}
}

func TestCheckOfAnOrdinaryDocumentDoesNotAllocate(t *testing.T) {
	data := []byte(briefing)
	if n := testing.AllocsPerRun(100, func() { _ = jsonguard.Check(data, jsonguard.Limits{}) }); n != 0 {
		t.Errorf("got %v allocations, want 0", n)
	}
}

func BenchmarkCheck(b *testing.B) {
	data := []byte(strings.Repeat(" ", 100) + "[" + strings.Repeat(briefing+",", 500) + "0]")
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if err := jsonguard.Check(data, jsonguard.Limits{}); err != nil {
			b.Fatal(err)
		}
	}
}

// Whatever the guard lets through, the standard decoder reads as well.
func FuzzGuard(f *testing.F) {
	for _, doc := range []string{briefing, `{"a":1,"\u0061":2}`, "\xef\xbb\xbf1", `"\ud800"`, `1e400`, "[[[[", `{"a":[{}]}`, "\"\xff\"", `[-0.5e+10]`} {
		f.Add([]byte(doc))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		err := jsonguard.Check(data, jsonguard.Limits{})
		if err != nil {
			if e := ordinaut.AsError(err); e.Code == ordinaut.CodeInternal || e.Message == "" || e.Fix == "" {
				t.Errorf("got %+v, want code, message and fix", e)
			}
			return
		}
		var v any
		if err := json.Unmarshal(data, &v); err != nil {
			t.Errorf("the guard accepts %q and encoding/json does not: %v", data, err)
		}
	})
}
