package pipeline_test

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"regexp"
	"strings"

	"github.com/ordinaut/ordinaut/internal/pipeline"
	"pgregory.net/rapid"
)

// drawn is a random pipeline, and what the test knows of its steps by their
// paths without numbers. When several steps of an item fail, which of them comes
// first is a matter of timing, so no step reads more of an error than that there
// is one.
type drawn struct {
	payload  string
	retried  map[string]bool // has a budget of its own
	forgiven map[string]bool // its failure, or that of its item, is gone over
	asked    map[string]bool // somebody is asked when it is in doubt
	random   uint64
}

func drawPipeline(t *rapid.T) drawn {
	d := drawn{retried: map[string]bool{}, forgiven: map[string]bool{}, asked: map[string]bool{}, random: rapid.Uint64().Draw(t, "random")}
	payload, err := json.Marshal(map[string]any{
		"params":   map[string]any{"list": rapid.SliceOfN(rapid.IntRange(0, 9), 0, 4).Draw(t, "list")},
		"pipeline": d.list(t, "", 1, false),
		"output":   map[string]any{"steps": "${steps}", "errors": "${sort(keys(errors))}"},
	})
	if err != nil {
		t.Fatal(err)
	}
	d.payload = string(payload)
	return d
}

// steps is a random list of steps, of which each may wait for some above it.
func (d drawn) list(t *rapid.T, prefix string, depth int, forgiven bool) (steps []any) {
	for i := range rapid.IntRange(1, 5).Draw(t, "steps") {
		id := fmt.Sprintf("s%d", i)
		step := map[string]any{"id": id, "uses": "debug.log"}
		var needs []string
		for j := range i {
			if rapid.Bool().Draw(t, "needs") {
				needs = append(needs, fmt.Sprintf("s%d", j))
			}
		}
		step["needs"] = append([]string{}, needs...)
		message := fmt.Sprintf("%s ${[params", id)
		for _, n := range needs {
			message += ", steps." + n + ", type(errors." + n + ")"
		}
		if rapid.Bool().Draw(t, "whole") {
			message += ", steps, sort(keys(errors))"
		}
		if len(needs) > 0 && rapid.IntRange(0, 3).Draw(t, "if") == 0 {
			step["if"] = "steps." + needs[0]
		}
		d.policies(t, step, prefix+id, depth, forgiven)
		if step["steps"] == nil {
			step["with"] = map[string]any{"message": message + "]}"}
			d.waits(t, step, prefix+id)
		}
		steps = append(steps, step)
	}
	return steps
}

// policies gives a step a budget, an on_error and a list, or none of them.
func (d drawn) policies(t *rapid.T, step map[string]any, path string, depth int, forgiven bool) {
	if rapid.Bool().Draw(t, "retry") {
		step["retry"] = map[string]any{"max_retries": rapid.IntRange(0, 2).Draw(t, "max_retries")}
		d.retried[path] = true
	}
	switch rapid.IntRange(0, 3).Draw(t, "on_error") {
	case 0:
		step["on_error"] = "continue"
	case 1:
		step["on_error"] = map[string]any{"value": "instead of an ${type(errors." + step["id"].(string) + ")}"}
	}
	d.forgiven[path] = forgiven || step["on_error"] != nil
	if rapid.IntRange(0, 2).Draw(t, "foreach") > 0 {
		return
	}
	step["foreach"], step["max_parallel"] = "params.list", rapid.IntRange(1, 3).Draw(t, "max_parallel")
	if depth < 3 && rapid.Bool().Draw(t, "body") {
		delete(step, "retry")
		delete(step, "uses")
		delete(d.retried, path)
		step["steps"] = d.list(t, path+".", depth+1, d.forgiven[path])
	}
}

// waits makes a step wait, or have something to be undone, or be asked about when
// it is in doubt; or leaves it.
func (d drawn) waits(t *rapid.T, step map[string]any, path string) {
	id := step["id"].(string)
	switch rapid.IntRange(0, 7).Draw(t, "waits") {
	case 0:
		step["uses"], step["with"] = "system.sleep", map[string]any{"until": fmt.Sprintf("${now + %ds}", rapid.IntRange(0, 20).Draw(t, "sleep"))}
	case 1:
		step["uses"], step["with"] = "orchestrator.request_approval", map[string]any{"message": id, "data": "${params}"}
		if rapid.Bool().Draw(t, "on_reject") {
			step["with"].(map[string]any)["on_reject"] = "continue"
		}
	case 2:
		step["on_doubt"] = "ask"
		d.asked[path] = true
		fallthrough
	case 3, 4:
		step["undo"] = map[string]any{"uses": "bank.refund", "with": map[string]any{"of": "${steps." + id + "}", "params": "${params}"}}
	default:
		return
	}
	if step["undo"] == nil || d.asked[path] {
		delete(step, "retry")
		delete(d.retried, path)
	}
}

var numbers = regexp.MustCompile(`\[\d+\]`)

// answers is what the world does with a call. Each step fails in its first none,
// one or two attempts; one that is gone over without a budget of its own, always
// or never, since which attempt of the run comes to it is a matter of timing.
func (d drawn) answers(c pipeline.Call) (output string, ok bool) {
	h := fnv.New64a()
	fmt.Fprint(h, d.random, c.Path)
	failures, path := max(int(h.Sum64()%5)-2, 0), numbers.ReplaceAllString(c.Path, "")
	switch {
	case strings.HasSuffix(path, ".undo"):
		ok = c.Attempt > failures && h.Sum64()%7 > 0
	case d.asked[path]:
		ok = true
	case d.forgiven[path] && !d.retried[path]:
		ok = failures < 2
	default:
		ok = c.Attempt > failures
	}
	h.Write(steady(c.Args))
	return fmt.Sprint(h.Sum64() % 1000), ok
}

var waited = regexp.MustCompile(`waited(\\*)":(true|false)`)

// steady is JSON without what depends on when a process came to it.
func steady(raw []byte) []byte { return waited.ReplaceAll(raw, []byte(`waited$1":0`)) }

// decision is what somebody says to an approval, the first time or a later one. In
// the end the same is said, however often the run was pushed back before.
func (d drawn) decision(plan *pipeline.Plan, path string, again bool) string {
	h := fnv.New64a()
	fmt.Fprint(h, d.random, path)
	n := h.Sum64()
	if earlier := plan.Earlier(path); n%2 == 0 && !again && len(earlier) > 0 {
		return fmt.Sprintf(`{"decision": "changes", "to": %q}`, earlier[n/2%uint64(len(earlier))])
	}
	if n%5 == 0 {
		return `{"decision": "rejected", "at": "2026-03-27T07:00:00Z"}`
	}
	return `{"decision": "approved", "at": "2026-03-27T07:00:00Z"}`
}
