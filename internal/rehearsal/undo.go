package rehearsal

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ordinaut/ordinaut"
)

// undoSuffix follows the path of a step under which its undoing is recorded.
const undoSuffix = ".undo"

// undoable says whether the run has done something that can be undone.
func (p *performance) undoable() bool {
	return slices.ContainsFunc(p.past, func(r ordinaut.StepResult) bool {
		return r.Status == ordinaut.StepSucceeded && r.Undoable
	})
}

// tellUndone tells what was undone, in order, and what could not be.
func (p *performance) tellUndone() {
	var undone, left []string
	for _, c := range p.report.Calls {
		path, isUndo := strings.CutSuffix(c.Step, undoSuffix)
		switch {
		case !isUndo:
		case c.Error == nil:
			undone = append(undone, path)
		case !slices.Contains(left, path):
			left = append(left, path)
		}
	}
	left = slices.DeleteFunc(left, func(path string) bool { return slices.Contains(undone, path) })
	if len(undone) > 0 {
		p.tell("undone: %s", strings.Join(undone, ", "))
	}
	if len(left) > 0 {
		p.tell("not undone: %s", strings.Join(left, ", "))
	}
}

// mostBacks is how often steps of one case may be sent back: a script that always
// wants changes never ends.
const mostBacks = 20

func endless() *ordinaut.Error {
	return &ordinaut.Error{
		Code: ordinaut.CodeRehearsalMock, At: "/mocks",
		Message: fmt.Sprintf("the steps were sent back %d times", mostBacks),
		Fix:     "write the answers as a list, of which the last one approves or rejects",
	}
}

// redo puts the results of steps aside, so that they are done again. History
// stays: the first result of draft is called draft~1.
func (p *performance) redo(paths []string) {
	rounds := map[string]string{}
	for _, path := range paths {
		n := 1
		for slices.ContainsFunc(p.past, func(r ordinaut.StepResult) bool { return top(r.Path) == fmt.Sprintf("%s~%d", path, n) }) {
			n++
		}
		rounds[path] = fmt.Sprintf("%s~%d", path, n)
	}
	p.waits = slices.DeleteFunc(p.waits, func(w *wait) bool { return slices.Contains(paths, top(w.path)) })
	for i := range p.past {
		r := &p.past[i]
		if first := top(r.Path); rounds[first] != "" {
			r.Path = rounds[first] + strings.TrimPrefix(r.Path, first)
		}
	}
}

// top is the step of the run that a path begins with.
func top(path string) string {
	if i := strings.IndexAny(path, "[."); i >= 0 {
		return path[:i]
	}
	return path
}
