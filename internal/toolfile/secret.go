package toolfile

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

var (
	secretName  = regexp.MustCompile(`(?i)token|secret|passw|api[-_]?key|access[-_]?key|private[-_]?key|credential|authorization|^auth$`)
	secretValue = regexp.MustCompile(`(?i)^(bearer |basic |gh[pousr]_|github_pat_|sk-|xox[abps]-|AKIA|glpat-|ord_|eyJ)`)
)

// Exposed names the variables and headers whose value stands in the file itself
// and looks like a secret, in their order. It is a guess, good for a hint.
func (s Server) Exposed() (names []string) {
	for _, table := range []map[string]string{s.Env, s.Headers} {
		for _, name := range slices.Sorted(maps.Keys(table)) {
			value := table[name]
			if strings.Contains(value, "${") || len(value) < 8 {
				continue
			}
			if secretName.MatchString(name) || secretValue.MatchString(value) {
				names = append(names, name)
			}
		}
	}
	return names
}
