package schedule

import "strings"

// cronZone splits off the CRON_TZ=Zone or TZ=Zone that may stand before the
// fields, and gives the spec with the zone that holds.
func cronZone(s spec) (expr string, in spec, err error) {
	expr = strings.Join(strings.Fields(s.expr), " ")
	word, rest, _ := strings.Cut(expr, " ")
	for _, prefix := range []string{"CRON_TZ=", "TZ="} {
		name, found := strings.CutPrefix(word, prefix)
		switch {
		case found && name == "":
			return rest, s, cronFault(word, word+" names no time zone", "write "+word+"Europe/Berlin, or leave it out")
		case found:
			in, err = s.in(name)
			return rest, in, err
		}
	}
	return expr, s, nil
}
