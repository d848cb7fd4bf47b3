package cli

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestTheEditsLeadFromOneTextToTheOther reads both texts out of their edits.
func TestTheEditsLeadFromOneTextToTheOther(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c", ""}), 0, 9)
		was, is := text.Draw(t, "was"), text.Draw(t, "is")
		var gone, come []string
		kept := 0
		for _, l := range edits(was, is) {
			line := l[2:]
			switch l[:2] {
			case "- ":
				gone = append(gone, line)
			case "+ ":
				come = append(come, line)
			default:
				gone, come, kept = append(gone, line), append(come, line), kept+1
			}
		}
		if strings.Join(gone, "\n") != strings.Join(was, "\n") || strings.Join(come, "\n") != strings.Join(is, "\n") {
			t.Errorf("%q → %q: got %q → %q", was, is, gone, come)
		}
		if want := commonLengths(was, is)[0][0]; kept != want {
			t.Errorf("%d lines are kept, and %d could be", kept, want)
		}
	})
}

func TestLinesFarFromADifferenceAreLeftOut(t *testing.T) {
	t.Parallel()
	was := strings.Split("1 2 3 4 5 6 7 8 9 10 11 12", " ")
	is := strings.Split("1 2 3 4 5 six 7 8 9 10 11 12", " ")
	want := []string{"…", "  3", "  4", "  5", "- 6", "+ six", "  7", "  8", "  9", "…"}
	if diff := cmp.Diff(want, differences(was, is)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := differences(was, was); len(got) != 1 {
		t.Errorf("got %q of what is the same", got)
	}
}
