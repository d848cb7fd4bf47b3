package pipeline

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// retry is a step's own budget of failures.
type retry struct {
	budget  ordinaut.Definition // only what it says of retries
	classes []ordinaut.Class    // the failures that are tried again
}

// again says when a step is tried again that failed at a time, in an attempt
// counted from 1. The wait depends on nothing but the run and what was recorded,
// so that a process which resumes the run waits for the same moment.
func (r *retry) again(run ordinaut.RunID, failed ordinaut.StepResult) (time.Time, bool) {
	if r == nil || failed.FinishedAt == nil || failed.Attempt > r.budget.MaxRetries || !slices.Contains(r.classes, failed.Failure.Class) {
		return time.Time{}, false
	}
	wait := r.budget.RetryDelay(failed.Attempt, chance(run, failed))
	return failed.FinishedAt.Add(max(wait, min(failed.Failure.RetryAfter, limits.RetryAfter))), true
}

// newRetry is the budget of a step that says nothing of it.
func newRetry() *retry {
	r := &retry{budget: ordinaut.NewDefinition()}
	for _, c := range retryClasses() {
		if c.Retryable() {
			r.classes = append(r.classes, c)
		}
	}
	return r
}

// chance is a number in [0, 1) that differs from one failure to the next.
func chance(run ordinaut.RunID, failed ordinaut.StepResult) float64 {
	h := fnv.New64a()
	fmt.Fprintf(h, "%s/%s/%d", run, failed.Path, failed.Attempt)
	return float64(h.Sum64()>>11) / (1 << 53)
}

// retryClasses are the failures that may be tried again. A call whose arguments
// did not fit would be the same call again.
func retryClasses() []ordinaut.Class {
	return []ordinaut.Class{
		ordinaut.ClassToolError, ordinaut.ClassTimeout, ordinaut.ClassUnavailable, ordinaut.ClassRateLimited,
		ordinaut.ClassInternal, ordinaut.ClassInvalidOutput, ordinaut.ClassDenied,
	}
}

func retryFields() []string {
	return []string{"backoff_strategy", "base_seconds", "max_retries", "max_seconds", "on"}
}

// retry reads the step's own budget.
func (k *checker) retry(d draft) *retry {
	sent := d.fields["retry"]
	if sent == nil {
		return nil
	}
	at := d.at + "/retry"
	fields, ok := sent.(map[string]any)
	if !ok {
		k.fault(ordinaut.CodeFieldType, at, sent, "retry must be an object", "say how often, in max_retries").
			Examples = []string{`{"max_retries": 3, "base_seconds": 2}`}
		return nil
	}
	k.only(fields, at, retryFields())
	r := newRetry()
	b := &r.budget
	k.number(fields, at, "max_retries", func(n float64) { b.MaxRetries = int(n) }, count{0, limits.Retries, true})
	k.number(fields, at, "base_seconds", func(n float64) { b.BackoffBaseSeconds = n }, count{0, math.MaxInt32, false})
	k.number(fields, at, "max_seconds", func(n float64) { b.BackoffMaxSeconds = n }, count{0, math.MaxInt32, false})
	k.strategy(fields, at, b)
	if sent := fields["on"]; sent != nil {
		r.classes = k.classes(sent, at+"/on")
	}
	return r
}

// only finds fields of an object that do not exist.
func (k *checker) only(fields map[string]any, at string, known []string) {
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if slices.Contains(known, name) {
			continue
		}
		e := k.fault(ordinaut.CodeFieldUnknown, at+"/"+ordinaut.PointerToken(name), fields[name],
			fmt.Sprintf("there is no field %q here", name), "leave it out, or use one of "+strings.Join(known, ", "))
		if near := ordinaut.Nearest(strings.TrimPrefix(name, "backoff_"), known); near != "" {
			e.Fix, e.Examples = fmt.Sprintf("did you mean %s?", near), []string{near}
		}
	}
}

// count is what a number may be.
type count struct {
	least, most float64
	whole       bool // and may be the least; otherwise it is more than that
}

func (c count) String() string {
	if c.whole {
		return fmt.Sprintf("a whole number from %g to %g", c.least, c.most)
	}
	return fmt.Sprintf("more than %g and at most %.0f", c.least, c.most)
}

func (c count) allows(n float64) bool {
	if c.whole {
		return n >= c.least && n <= c.most && n == math.Trunc(n)
	}
	return n > c.least && n <= c.most
}

// number reads a field that holds a number, when it is sent.
func (k *checker) number(fields map[string]any, at, field string, keep func(float64), c count) {
	value := fields[field]
	if value == nil {
		return
	}
	number, ok := value.(json.Number)
	if !ok {
		k.fault(ordinaut.CodeFieldType, at+"/"+field, value, field+" must be a number", "send "+c.String())
		return
	}
	n, err := number.Float64()
	if err != nil || !c.allows(n) {
		k.fault(ordinaut.CodeFieldValue, at+"/"+field, value, field+" must be "+c.String(), "send such a number")
		return
	}
	keep(n)
}

// strategy reads how the wait grows.
func (k *checker) strategy(fields map[string]any, at string, b *ordinaut.Definition) {
	strategies := []string{
		string(ordinaut.BackoffExponentialJitter), string(ordinaut.BackoffExponential),
		string(ordinaut.BackoffLinear), string(ordinaut.BackoffFixed),
	}
	if value := fields["backoff_strategy"]; value != nil && k.oneOf(value, at+"/backoff_strategy", "backoff_strategy", strategies) {
		b.BackoffStrategy = ordinaut.Backoff(value.(string))
	}
}

// oneOf checks that a value is one of a few texts.
func (k *checker) oneOf(value any, at, what string, accepted []string) bool {
	text, ok := value.(string)
	if ok && slices.Contains(accepted, text) {
		return true
	}
	e := k.fault(ordinaut.CodeFieldValue, at, value, what+" must be one of "+strings.Join(accepted, ", "), "send one of them")
	e.Examples = accepted
	if near := ordinaut.Nearest(text, accepted); ok && near != "" {
		e.Fix, e.Examples = fmt.Sprintf("did you mean %s?", near), []string{near}
	}
	return false
}

// classes reads which failures are tried again. Without any, they are those that
// may pass by themselves.
func (k *checker) classes(sent any, at string) (classes []ordinaut.Class) {
	var names []string
	for _, c := range retryClasses() {
		names = append(names, string(c))
	}
	list, ok := sent.([]any)
	if !ok || len(list) == 0 {
		k.fault(ordinaut.CodeFieldType, at, sent, "on must be a list of classes of failures", "name at least one of "+strings.Join(names, ", ")).
			Examples = []string{`["timeout", "unavailable"]`}
	}
	for i, value := range list {
		if k.oneOf(value, at+"/"+strconv.Itoa(i), "a class that is tried again", names) {
			classes = append(classes, ordinaut.Class(value.(string)))
		}
	}
	return classes
}
