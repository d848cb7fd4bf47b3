package pipeline

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/internal/lookout"
)

// waitForEvent waits until something happens.
func waitForEvent() ordinaut.Tool {
	return ordinaut.Tool{
		Address: eventTool,
		Title:   "Wait for an event",
		Description: "Has the run wait until an event comes whose topic fits and for which the condition holds. Its result is the event. " +
			"It holds no worker meanwhile, and no event is missed between two steps when lookback_seconds reaches back that far.",
		InputSchema: json.RawMessage(`{
			"type": "object",
			"properties": {
				"topic": {"type": "string", "minLength": 1, "maxLength": 200, "description": "A topic, or a pattern in which * is one word and > at the end all that follow.", "examples": ["payment.received"]},
				"where": {"type": "string", "maxLength": 4096, "description": "An expression over the event that must hold.", "examples": ["data.order == '${params.order}'"]},
				"timeout_seconds": {"type": "number", "exclusiveMinimum": 0, "maximum": 31622400, "description": "How long it waits; up to 366 days when it is not sent.", "examples": [3600]},
				"on_timeout": {"enum": ["fail", "continue"], "default": "fail", "description": "What becomes of the step when no such event came: it fails, or its result is null."},
				"lookback_seconds": {"type": "number", "minimum": 0, "maximum": 2592000, "default": 0, "description": "Also events of so many seconds before the wait count, the oldest first."}
			},
			"required": ["topic"],
			"additionalProperties": false
		}`),
		OutputSchema: json.RawMessage(`{
			"type": ["object", "null"],
			"properties": {
				"id": {"type": "string"},
				"source": {"type": "string"},
				"type": {"type": "string", "description": "The topic."},
				"subject": {"type": "string"},
				"time": {"type": "string", "format": "date-time"},
				"seq": {"type": "integer", "description": "Its position in the log."},
				"data": {"description": "What was published."}
			}
		}`),
		Examples: []ordinaut.ToolExample{{Input: json.RawMessage(`{"topic": "payment.received", "where": "data.order == 'A-17'", "timeout_seconds": 86400, "on_timeout": "continue"}`)}},
	}
}

// eventWait is what flow.wait_for_event is given.
type eventWait struct {
	Topic           string   `json:"topic"`
	Where           string   `json:"where"`
	TimeoutSeconds  *float64 `json:"timeout_seconds"`
	OnTimeout       string   `json:"on_timeout"` // fail, or continue
	LookbackSeconds *float64 `json:"lookback_seconds"`
}

// goesOn says whether the step has a result when no event came.
func (w eventWait) goesOn() bool { return w.OnTimeout == "continue" }

// lookOut is which event is waited for, since when it may have happened, and until
// when it is waited for.
func (g *Progress) lookOut(args json.RawMessage) (which string, from *time.Time, until time.Time, err error) {
	var w eventWait
	if err := json.Unmarshal(args, &w); err != nil {
		return "", nil, until, misread(err)
	}
	l, err := lookout.New(w.Topic, w.Where)
	if err != nil {
		return "", nil, until, err
	}
	until = g.now.Add(limits.WaitMax)
	if w.TimeoutSeconds != nil {
		until = g.now.Add(seconds(w.TimeoutSeconds))
	}
	if back := seconds(w.LookbackSeconds); back > 0 {
		since := g.now.Add(-back)
		from = &since
	}
	return l.String(), from, until, nil
}

// happened goes on from an event, or from there being none.
func (g *Progress) happened(p place, r ordinaut.StepResult) {
	var w eventWait
	if err := json.Unmarshal(r.Input, &w); err != nil {
		g.lose(p, r, unreadable(r, err))
		return
	}
	if r.Wait.Answer != nil {
		event, err := lookout.View(r.Wait.Answer)
		if err != nil {
			g.lose(p, r, unreadable(r, err))
			return
		}
		g.succeed(p, r, event)
		return
	}
	if w.goesOn() {
		g.succeed(p, r, nil)
		return
	}
	g.lose(p, r, ordinaut.Failure{
		Class: ordinaut.ClassTimeout, Code: ordinaut.CodeEventNotSeen,
		Message: fmt.Sprintf("no event of %s came by %s", r.Wait.Key, r.Wait.Until.UTC().Format(time.RFC3339)),
		Fix:     "wait longer with timeout_seconds, or go on without the event with on_timeout: continue",
	})
}

// checkLookout looks at the topic and the condition of a step that waits for an
// event, as far as they are known before the run.
func (k *checker) checkLookout(d *draft) {
	with, _ := d.fields["with"].(map[string]any)
	topic, fixed := known(with["topic"]).(string)
	where, _ := known(with["where"]).(string)
	if d.tool.Address != eventTool || !fixed {
		return
	}
	at := d.at + "/with/topic"
	err := lookout.CheckPattern(topic)
	if err == nil {
		at = d.at + "/with/where"
		_, err = lookout.New(topic, where)
	}
	if err != nil {
		k.faults.Add(ordinaut.AsError(err).Moved(at))
	}
}
