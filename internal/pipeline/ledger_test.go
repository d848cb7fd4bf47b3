package pipeline_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ordinaut/ordinaut"
)

// ledger is what the store keeps of one run: by path, in the order in which the
// steps were recorded first.
type ledger struct {
	steps map[string]ordinaut.StepResult
	order []string
}

// save records steps: a result that stands is never replaced.
func (l *ledger) save(steps ...ordinaut.StepResult) {
	if l.steps == nil {
		l.steps = map[string]ordinaut.StepResult{}
	}
	for _, r := range steps {
		had, known := l.steps[r.Path]
		if !known {
			l.order = append(l.order, r.Path)
		}
		if had.Done() {
			continue
		}
		if r.Wait != nil && had.Wait != nil && had.Wait.Answer != nil {
			wait := *r.Wait // an answer is given once
			wait.Answer = had.Wait.Answer
			r.Wait = &wait
		}
		if r.Status != ordinaut.StepWaiting {
			r.Wait = nil // which is forgotten
		}
		l.steps[r.Path] = r
	}
}

// past is what was recorded, as a process that takes the run up reads it.
func (l *ledger) past() (past []ordinaut.StepResult) {
	for _, path := range l.order {
		past = append(past, l.steps[path])
	}
	return past
}

// answer answers a wait, unless it has an answer. It says whether there was one.
func (l *ledger) answer(path, answer string) bool {
	r := l.steps[path]
	if r.Status != ordinaut.StepWaiting || r.Wait.Answer != nil {
		return false
	}
	wait := *r.Wait
	wait.Answer = []byte(answer)
	r.Wait = &wait
	l.steps[path] = r
	return true
}

// waiting lists the paths that wait without an answer.
func (l *ledger) waiting() (paths []string) {
	for _, path := range l.order {
		if r := l.steps[path]; r.Status == ordinaut.StepWaiting && r.Wait.Answer == nil {
			paths = append(paths, path)
		}
	}
	return paths
}

// putAside renames the results of steps that are to be done again, those of
// their items too.
func (l *ledger) putAside(steps []string) {
	for _, step := range steps {
		round := 1
		for slices.ContainsFunc(slices.Collect(maps.Keys(l.steps)), func(path string) bool {
			rest, found := strings.CutPrefix(path, fmt.Sprintf("%s~%d", step, round))
			return found && (rest == "" || strings.ContainsAny(rest[:1], "[."))
		}) {
			round++
		}
		for i, path := range l.order {
			rest, found := strings.CutPrefix(path, step)
			if !found || rest != "" && !strings.ContainsAny(rest[:1], "[.") {
				continue
			}
			r := l.steps[path]
			delete(l.steps, path)
			r.Path = fmt.Sprintf("%s~%d%s", step, round, rest)
			l.steps[r.Path], l.order[i] = r, r.Path
		}
	}
}
