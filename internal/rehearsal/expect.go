package rehearsal

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"github.com/ordinaut/ordinaut/internal/jsonguard"
	"maps"
	"slices"
	"strconv"

	"github.com/ordinaut/ordinaut"
)

// expectation is what a case expects. What it does not mention may be anything,
// except that a run which is not said to fail is to succeed.
type expectation struct {
	Status   ordinaut.RunStatus         `json:"status"`
	Output   json.RawMessage            `json:"output"`
	Error    json.RawMessage            `json:"error"`
	Attempts int                        `json:"attempts"`
	Steps    map[string]json.RawMessage `json:"steps"`
	Calls    *[]expectedCall            `json:"calls"`
	Exact    bool                       `json:"exact"`
}

// expectedCall is a call, or only the name of the tool or the step.
type expectedCall struct {
	fields map[string]any
	name   string
}

// UnmarshalJSON reads either form.
func (c *expectedCall) UnmarshalJSON(raw []byte) error {
	if bytes.HasPrefix(raw, []byte(`"`)) {
		return json.Unmarshal(raw, &c.name)
	}
	return jsonguard.Decode(raw, &c.fields)
}

// judge compares what happened with what was expected.
func (r *CaseReport) judge(e expectation) {
	if r.Stopped == nil {
		r.compareAll(e)
	}
	r.Passed = r.Stopped == nil && len(r.Mismatches) == 0
}

func (r *CaseReport) compareAll(e expectation) {
	if e.Status == "" && e.Error != nil {
		e.Status = ordinaut.RunFailed
	}
	r.compareStatus(cmp.Or(e.Status, ordinaut.RunSucceeded))
	if e.Output != nil {
		r.compare("/output", e.Output, r.Output, e.Exact)
	}
	if e.Error != nil {
		r.compare("/error", e.Error, r.Error, false)
	}
	if e.Attempts > 0 {
		r.compare("/attempts", e.Attempts, r.Attempts, true)
	}
	for _, id := range slices.Sorted(maps.Keys(e.Steps)) {
		r.compareStep("/steps/"+ordinaut.PointerToken(id), e.Steps[id], r.step(id), e.Exact)
	}
	if e.Calls != nil {
		r.compareCalls(*e.Calls, e.Exact)
	}
}

// step finds what became of a step. One of an item that there was not has not run.
func (r *CaseReport) step(id string) StepReport {
	i := slices.IndexFunc(r.Steps, func(s StepReport) bool { return s.ID == id })
	if i < 0 {
		return StepReport{ID: id, Status: stepNotRun}
	}
	return r.Steps[i]
}

// compareStatus holds how the run ended against what was expected. A failure
// that was not expected is told.
func (r *CaseReport) compareStatus(want ordinaut.RunStatus) {
	if r.Status == want {
		return
	}
	message := "the run " + string(r.Status)
	if r.Error != nil {
		message = fmt.Sprintf("the step %s failed: %s", r.Error.Step, r.Error.Message)
	}
	r.differs("/status", message, want, r.Status)
}

// compareStep holds a step against what was expected of it. Arguments, results
// and errors are compared as the case says; called may be a number, or whether
// it was called at all.
func (r *CaseReport) compareStep(at string, want json.RawMessage, got StepReport, exact bool) {
	var fields map[string]any
	_ = jsonguard.Decode(want, &fields) // the schema has seen it
	is := plain(got).(map[string]any)
	is["waited_seconds"] = plain(got.WaitedSeconds)
	if _, asked := fields["called"].(bool); asked {
		is["called"] = got.Called > 0
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		r.compare(at+"/"+name, fields[name], is[name], exact && name != "error")
	}
}

// compareCalls holds all calls against those expected, in their order.
func (r *CaseReport) compareCalls(want []expectedCall, exact bool) {
	if len(want) != len(r.Calls) {
		message := fmt.Sprintf("%d calls were made, not %d", len(r.Calls), len(want))
		r.differs("/calls", message, named(want, expectedCall.shown), named(r.Calls, CallReport.shown))
		return
	}
	for i, w := range want {
		at, got := "/calls/"+strconv.Itoa(i), r.Calls[i]
		if w.fields == nil && w.name != got.Tool && w.name != got.Step {
			r.differs(at, "another call was made", w.name, got.shown())
		}
		is := plain(got).(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(w.fields)) {
			r.compare(at+"/"+name, w.fields[name], is[name], exact && name == "input")
		}
	}
}

func named[T any](calls []T, shown func(T) any) []any {
	names := []any{}
	for _, c := range calls {
		names = append(names, shown(c))
	}
	return names
}

func (c expectedCall) shown() any {
	if c.fields != nil {
		return c.fields
	}
	return c.name
}

func (c CallReport) shown() any { return c.Tool }

// compare adds the differences between two values that are or become JSON.
func (r *CaseReport) compare(at string, want, got any, exact bool) {
	for _, m := range compare("/expect"+at, plain(want), plain(got), exact) {
		r.add(m)
	}
}

func (r *CaseReport) differs(at, message string, want, got any) {
	r.add(Mismatch{At: "/expect" + at, Message: message, Want: raw(want), Got: raw(got)})
}

// mostMismatches is how many are told. Nobody mends more at a time.
const mostMismatches = 50

func (r *CaseReport) add(m Mismatch) {
	if len(r.Mismatches) < mostMismatches {
		r.Mismatches = append(r.Mismatches, m)
	}
}
