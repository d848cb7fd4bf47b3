package event

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/expr"
)

// MapRoots are what the expressions of a hook may read.
func MapRoots() []string { return []string{"body", "headers", "hook"} }

// CheckMap says everything that is wrong with the expressions of a hook, with its
// place below the map.
func CheckMap(m ordinaut.HookMap) error {
	var faults ordinaut.Errors
	for _, part := range []struct{ name, text string }{{"topic", m.Topic}, {"data", m.Data}, {"subject", m.Subject}, {"id", m.ID}} {
		if part.text == "" {
			continue
		}
		if err := checkMapping(part.text); err != nil {
			faults.Add(ordinaut.AsError(err).Moved("/" + part.name))
		}
	}
	return faults.Err()
}

// checkMapping refuses an expression that reads what no request has.
func checkMapping(text string) error {
	parsed, err := expr.Parse(text)
	if err != nil {
		return err
	}
	for _, ref := range parsed.Refs() {
		if slices.Contains(MapRoots(), ref.Root) {
			continue
		}
		fault := &ordinaut.Error{
			Code: ordinaut.CodeExprRoot, Sent: ref.Root,
			Message:  fmt.Sprintf("what comes to a hook has no %q", ref.Root),
			Fix:      "read from " + strings.Join(MapRoots(), ", "),
			Examples: []string{"body." + ref.Root, `headers."x-github-event"`},
		}
		if near := ordinaut.Nearest(ref.Root, MapRoots()); near != "" {
			fault.Fix, fault.Examples = "did you mean "+near+"?", []string{near}
		}
		return fault
	}
	return nil
}
