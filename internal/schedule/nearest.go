package schedule

// nearest is the one of the words that differs from word in the fewest letters,
// as long as they are at most the given number.
func nearest(word string, words []string, most int) (string, bool) {
	best, found := "", false
	for _, w := range words {
		if d := distance(word, w); d <= most {
			best, found, most = w, true, d-1
		}
	}
	return best, found
}

// distance is how many letters have to be put in, left out or exchanged to make
// b of a (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
