package rehearsal

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/ordinaut/ordinaut"
)

// known is what a script may name, and what is wrong with the names in it.
type known struct {
	steps  []role
	faults ordinaut.Errors
}

// mocks looks at the names of mocks, and whether such a step can be answered so.
func (k *known) mocks(mocks map[string]answers, at string) {
	for _, name := range slices.Sorted(maps.Keys(mocks)) {
		place := at + "/" + ordinaut.PointerToken(name)
		switch step := k.find(name); {
		case step != nil:
			k.answers(mocks[name], step.tool, place)
		case slices.ContainsFunc(k.steps, func(s role) bool { return s.tool == name }):
			k.answers(mocks[name], name, place)
		case strings.Contains(name, "."):
			k.faults.Add(stranger(name, place, "no step uses the tool %q", k.tools()))
		default:
			k.faults.Add(stranger(name, place, "there is no step %q", k.paths()))
		}
	}
}

// answers looks whether answers are of the sort that a tool is waited for.
func (k *known) answers(all answers, tool, at string) {
	for i, a := range all {
		place := at
		if len(all) > 1 {
			place += "/" + strconv.Itoa(i)
		}
		decides := a.Decision != "" && !a.Doubt
		switch {
		case tool == toolSleep || tool == toolQuiet:
			k.fault(place, tool+" waits by itself, and in a test no time passes", "leave its mock out")
		case decides != (tool == toolApproval):
			k.fault(place, "a decision answers "+toolApproval+", and nothing else does",
				"give an output or an error to tools, and a decision to approvals")
		case tool == toolEvent && (a.Doubt || a.Error != nil):
			k.fault(place, "an event comes, or does not", "give what it says as output; leave the mock out for none to come")
		case a.AfterSeconds > 0 && !a.Doubt && tool != toolApproval && tool != toolRunTask && tool != toolEvent:
			k.fault(place+"/after_seconds", "nobody waits for "+tool+": a call answers at once", "leave it out")
		case tool == toolRunTask && a.Doubt:
			k.fault(place, "a run is never in doubt", "say with output or error what becomes of it")
		}
	}
}

func (k *known) fault(at, message, fix string) {
	k.faults.Add(&ordinaut.Error{Code: ordinaut.CodeFieldValue, At: at, Message: message, Fix: fix})
}

// find finds the step of that path.
func (k *known) find(path string) *role {
	i := slices.IndexFunc(k.steps, func(s role) bool { return s.path == path })
	if i < 0 {
		return nil
	}
	return &k.steps[i]
}

func (k *known) paths() (all []string) {
	for _, s := range k.steps {
		all = append(all, s.path)
	}
	return all
}

func (k *known) tools() (all []string) {
	for _, s := range k.steps {
		if s.tool != "" && s.tool != toolForeach {
			all = append(all, s.tool)
		}
	}
	return all
}

// stranger is the fault of a name that the pipeline does not have.
func stranger(name, at, message string, known []string) *ordinaut.Error {
	known = slices.Compact(slices.Sorted(slices.Values(known)))
	e := &ordinaut.Error{
		Code: ordinaut.CodePipelineReference, At: at, Sent: name,
		Message: fmt.Sprintf(message, name), Fix: "use one of " + strings.Join(known, ", "), Examples: known[:min(len(known), 5)],
	}
	if near := ordinaut.Nearest(name, known); near != "" {
		e.Fix, e.Examples = fmt.Sprintf("did you mean %s?", near), []string{near}
	}
	return e
}
