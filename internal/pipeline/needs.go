package pipeline

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/ordinaut/ordinaut"
)

// set is a set of the steps of one list, by number.
type set [2]uint64 // as many bits as limits.PipelineSteps, and some more

func (s *set) add(n int) { s[n/64] |= 1 << (n % 64) }

func (s *set) has(n int) bool { return s[n/64]&(1<<(n%64)) != 0 }

func (s *set) join(o set) { s[0], s[1] = s[0]|o[0], s[1]|o[1] }

// order finds out which steps of a list each of them waits for, at once and
// after all.
func (k *checker) order(s *scope) {
	for i := range s.drafts {
		s.drafts[i].needs = k.needs(s, &s.drafts[i])
	}
	seen := make([]visit, len(s.drafts))
	for i := range s.drafts {
		k.follow(s, i, seen, nil)
	}
}

// needs are the steps that a step waits for: those that it names, or else the
// one above it.
func (k *checker) needs(s *scope, d *draft) (needs []int) {
	sent := d.fields["needs"]
	if sent == nil {
		if d.number > 0 {
			return []int{d.number - 1}
		}
		return nil
	}
	list, ok := sent.([]any)
	if !ok {
		k.fault(ordinaut.CodeFieldType, d.at+"/needs", sent, "needs must be a list of steps", "send the ids of the steps to wait for, or [] to wait for none").
			Examples = []string{`["fetch", "parse"]`, `[]`}
	}
	for i, value := range list {
		at := d.at + "/needs/" + strconv.Itoa(i)
		name, ok := value.(string)
		if !ok {
			k.fault(ordinaut.CodeFieldType, at, value, "needs must hold texts", "put the id of the step in quotes")
			continue
		}
		if n, ok := k.need(s, d, name, at); ok && !slices.Contains(needs, n) {
			needs = append(needs, n)
		}
	}
	return needs
}

// need is the number of a step that is waited for.
func (k *checker) need(s *scope, d *draft, name, at string) (int, bool) {
	n, ok := s.names[name]
	switch {
	case !ok:
		e := k.fault(ordinaut.CodePipelineReference, at, name,
			fmt.Sprintf("there is no step %q in this list", name), "use the ids of other steps of the same list")
		if near := ordinaut.Nearest(name, slices.Sorted(maps.Keys(s.names))); near != "" {
			e.Fix, e.Examples = fmt.Sprintf("did you mean %s?", near), []string{near}
		}
	case n == d.number:
		k.fault(ordinaut.CodePipelineCycle, at, name, "a step cannot wait for itself", "name another step, or leave it out")
		return 0, false
	}
	return n, ok
}

// visit says how far the walk over what waits for what has come with a step.
type visit uint8

const (
	visitNone visit = iota
	visitOpen       // on the path that is being walked
	visitDone
)

// follow walks everything that a step waits for, and tells of a circle.
func (k *checker) follow(s *scope, n int, seen []visit, path []int) {
	if seen[n] == visitDone {
		return
	}
	if seen[n] == visitOpen {
		k.circle(s, path[slices.Index(path, n):])
		return
	}
	seen[n] = visitOpen
	d := &s.drafts[n]
	for _, needed := range d.needs {
		k.follow(s, needed, seen, append(path, n))
		d.before.add(needed)
		d.before.join(s.drafts[needed].before)
	}
	seen[n] = visitDone
}

// circle tells that steps wait for each other, at the first that says so itself.
func (k *checker) circle(s *scope, steps []int) {
	s.tangle = true
	at := steps[0]
	for _, n := range steps {
		if s.drafts[n].fields["needs"] != nil && (s.drafts[at].fields["needs"] == nil || n < at) {
			at = n
		}
	}
	i := slices.Index(steps, at)
	steps = slices.Concat(steps[i:], steps[:i], []int{at})
	names := make([]string, len(steps))
	for i, n := range steps {
		names[i] = s.drafts[n].id
	}
	k.fault(ordinaut.CodePipelineCycle, s.drafts[at].at+"/needs", strings.Join(names, " → "),
		"these steps wait for each other: "+strings.Join(names, " waits for "), "take one of them out of the needs of another")
}
