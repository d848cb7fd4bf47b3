package rehearsal

import (
	"encoding/json"
	"fmt"
)

// role is a step as a script names it: by its id, such as send; one inside of a
// foreach, for all items, as loop.send; and what undoes it as send.undo.
type role struct {
	path   string
	tool   string
	inside bool // of a foreach: how often it is there, a run decides
}

// rolesOf lists the steps of a payload in the order in which they are written.
func rolesOf(payload json.RawMessage) []role {
	var written struct{ Pipeline any }
	_ = json.Unmarshal(payload, &written) // the pipeline says what is wrong with it
	return rolesIn(written.Pipeline, "")
}

// rolesIn lists the steps of a list, and those inside of them.
func rolesIn(list any, prefix string) (all []role) {
	steps, _ := list.([]any)
	for i, one := range steps {
		step, _ := one.(map[string]any)
		id, _ := step["id"].(string)
		if id == "" {
			id = fmt.Sprintf("step_%d", i)
		}
		path, tool := prefix+id, text(step["uses"])
		all = append(all, role{path, tool, prefix != ""})
		if undo, ok := step["undo"].(map[string]any); ok {
			all = append(all, role{path + undoSuffix, text(undo["uses"]), prefix != "" || step["foreach"] != nil})
		}
		all = append(all, rolesIn(step["steps"], path+".")...)
		if with, ok := step["with"].(map[string]any); ok && tool == toolForeach {
			all = append(all, rolesIn(with["body"], path+".")...)
		}
	}
	return all
}

func text(v any) string {
	s, _ := v.(string)
	return s
}
