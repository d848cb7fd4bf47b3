package cli

// around is how many lines are shown around each difference.
const around = 3

// differences compares two texts line by line: lines that go begin with "-",
// lines that come with "+", and lines around them with a space. "…" stands for
// those left out.
func differences(was, is []string) []string {
	all := edits(was, is)
	near := make([]bool, len(all))
	for i, l := range all {
		if l[0] == ' ' {
			continue
		}
		for j := max(i-around, 0); j <= min(i+around, len(all)-1); j++ {
			near[j] = true
		}
	}
	var shown []string
	for i, l := range all {
		switch {
		case near[i]:
			shown = append(shown, l)
		case i == 0 || near[i-1]:
			shown = append(shown, "…")
		}
	}
	return shown
}

// edits is every line of both texts, with as few as possible that go or come:
// what is common is a longest common subsequence.
func edits(was, is []string) (all []string) {
	common := commonLengths(was, is)
	i, j := 0, 0
	for i < len(was) || j < len(is) {
		switch {
		case i < len(was) && j < len(is) && was[i] == is[j]:
			all = append(all, "  "+was[i])
			i, j = i+1, j+1
		case j == len(is) || i < len(was) && common[i+1][j] >= common[i][j+1]:
			all = append(all, "- "+was[i])
			i++
		default:
			all = append(all, "+ "+is[j])
			j++
		}
	}
	return all
}

// commonLengths is the length of the longest common subsequence of what follows
// each pair of lines.
func commonLengths(was, is []string) [][]int {
	common := make([][]int, len(was)+1)
	for i := range common {
		common[i] = make([]int, len(is)+1)
	}
	for i := len(was) - 1; i >= 0; i-- {
		for j := len(is) - 1; j >= 0; j-- {
			if was[i] == is[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	return common
}
