package pipeline

import (
	"cmp"
	"encoding/json"
	"fmt"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// The tools that have the run wait. They are never called, but for the last one,
// which starts a run, whose end is then waited for.
const (
	sleepTool    = "system.sleep"
	quietTool    = "policy.quiet_hours_gate"
	approvalTool = "orchestrator.request_approval"
	eventTool    = "flow.wait_for_event"
	runTool      = "flow.run_task"
)

// controls says whether a step with the tool waits by itself, without a call.
func controls(address string) bool { return waitsFor(address) != "" }

// waitsFor is what a step with the tool waits for by itself; "" is nothing.
func waitsFor(address string) ordinaut.WaitKind {
	switch address {
	case sleepTool, quietTool:
		return ordinaut.WaitSleep
	case approvalTool:
		return ordinaut.WaitApproval
	case eventTool:
		return ordinaut.WaitEvent
	}
	return ""
}

// control has a step wait, for what its arguments say.
func (g *Progress) control(p place, args json.RawMessage) error {
	wait, err := g.waitOf(p, args)
	if err == nil {
		g.hold(p, args, wait)
	}
	return err
}

// waitOf is what a step waits for that has these arguments. A wait without an
// end is over.
func (g *Progress) waitOf(p place, args json.RawMessage) (wait ordinaut.Wait, err error) {
	value, err := decode(args)
	if err != nil {
		return wait, err
	}
	s := p.of()
	if err := s.fits(value).Err(); err != nil {
		return wait, err
	}
	var until time.Time
	wait.Kind = waitsFor(s.tool.Address)
	switch s.tool.Address {
	case sleepTool:
		until, err = g.wakeUp(args)
	case quietTool:
		until, err = g.quietUntil(p.frame.env.Zone, args)
	case eventTool:
		wait.Key, wait.From, until, err = g.lookOut(args)
	default:
		var a approval
		if a, err = approvalOf(args); err == nil {
			until, err = a.until(g.now)
			wait.Then = g.following(p, a)
		}
	}
	if err == nil && until.After(g.now.Add(limits.WaitMax)) {
		err = tooLong(until)
	}
	wait.Until = &until
	return wait, err
}

// tooLong is a wait that is longer than any may be.
func tooLong(until time.Time) error {
	return &ordinaut.Error{
		Code: ordinaut.CodeFieldValue, Sent: until.UTC().Format(time.RFC3339),
		Message: fmt.Sprintf("a wait lasts at most %d days", limits.WaitMax/(24*time.Hour)),
		Fix:     "wait for less, or have a task of its own fire at that time",
	}
}

// sleep is what system.sleep is given.
type sleep struct {
	Seconds         *float64   `json:"seconds"`
	DurationSeconds *float64   `json:"duration_seconds"`
	Until           *time.Time `json:"until"`
}

// wakeUp is when a sleep is over.
func (g *Progress) wakeUp(args json.RawMessage) (time.Time, error) {
	var s sleep
	if err := json.Unmarshal(args, &s); err != nil {
		return time.Time{}, misread(err)
	}
	if s.Until != nil {
		return *s.Until, nil
	}
	return g.now.Add(seconds(cmp.Or(s.Seconds, s.DurationSeconds))), nil
}

// seconds is so long; nil is nothing. What is longer than any wait stays so.
func seconds(n *float64) time.Duration {
	if n == nil {
		return 0
	}
	const beyond = 2 * limits.WaitMax
	return time.Duration(min(*n, beyond.Seconds()) * float64(time.Second))
}

// rested is the result of a step that has waited for a moment.
func (g *Progress) rested(r ordinaut.StepResult) any {
	result := map[string]any{"waited": r.Wait.Until.After(r.StartedAt), "until": nil}
	if r.Wait.Until.After(r.StartedAt) || r.Tool == sleepTool {
		result["until"] = g.instant(*r.Wait.Until)
	}
	return result
}

// instant writes a moment as people of the task's zone read it.
func (g *Progress) instant(t time.Time) string {
	return t.In(g.root.env.Zone).Format(time.RFC3339Nano)
}

// misread is the fault of arguments that fit their schema and cannot be read.
func misread(err error) error {
	return &ordinaut.Error{Code: ordinaut.CodeToolInput, Message: "the arguments cannot be read", Fix: "look at the examples of the tool", Err: err}
}
