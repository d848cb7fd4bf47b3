package ordinaut

import "strings"

// Nearest is the candidate that word was most likely meant to be, or "" when
// none is near. Near means few slips of the keyboard: letters that are wrong,
// missing, too many or swapped with their neighbour, at most one for every
// three letters. Case is no slip.
func Nearest(word string, candidates []string) string {
	w := []rune(strings.ToLower(word))
	best, fewest := "", len(w)/3+1
	if len(w) > longestNearest {
		return best
	}
	for _, c := range candidates {
		if slips := distance(w, []rune(strings.ToLower(c)), fewest); slips < fewest {
			best, fewest = c, slips
		}
	}
	return best
}

// longestNearest is the longest word worth comparing, as the cost grows with
// its square.
const longestNearest = 64

// distance counts the slips between two words (optimal string alignment), or
// says enough when there are at least that many.
func distance(a, b []rune, enough int) int {
	if max(len(a)-len(b), len(b)-len(a)) >= enough {
		return enough
	}
	older, old, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range old {
		old[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			wrong := 1
			if a[i-1] == b[j-1] {
				wrong = 0
			}
			row[j] = min(old[j]+1, row[j-1]+1, old[j-1]+wrong)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], older[j-2]+1)
			}
		}
		older, old, row = old, row, older
	}
	return old[len(b)]
}
