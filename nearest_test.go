package ordinaut_test

import (
	"strings"
	"testing"

	"github.com/ordinaut/ordinaut"
	"pgregory.net/rapid"
)

func TestNearestFindsWhatWasMeant(t *testing.T) {
	t.Parallel()
	fields := []string{"title", "description", "schedule_kind", "schedule_expr", "timezone", "id", "if"}
	tools := []string{"debug.echo", "debug.log", "data.transform", "text.render", "flow.fail"}
	tests := []struct {
		name, word string
		among      []string
		want       string
	}{
		{"a letter too few", "titl", fields, "title"},
		{"a letter too many", "tittle", fields, "title"},
		{"a wrong letter", "timezome", fields, "timezone"},
		{"two letters swapped", "ittle", fields, "title"},
		{"another case", "Schedule_Kind", fields, "schedule_kind"},
		{"several slips in a long word", "shedule_exrp", fields, "schedule_expr"},
		{"an address", "debug.ehco", tools, "debug.echo"},
		{"a letter that is not ASCII", "tïtle", fields, "title"},
		{"the word itself", "id", fields, "id"},
		{"nothing near", "colour", fields, ""},
		{"a short word is not guessed at", "xy", fields, ""},
		{"an empty word", "", fields, ""},
		{"no candidates", "title", nil, ""},
		{"a word too long to compare", strings.Repeat("a", 65), []string{strings.Repeat("a", 65)}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := ordinaut.Nearest(tt.word, tt.among); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestNearestOfAKnownWordIsTheWord(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z]{1,12}`), 1, 20, rapid.ID[string]).Draw(t, "words")
		word := rapid.SampledFrom(words).Draw(t, "word")
		if got := ordinaut.Nearest(word, words); got != word {
			t.Errorf("got %q, want %q", got, word)
		}
	})
}
