package pipeline

import (
	"cmp"
	"encoding/json"
	"fmt"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// onDoubt says what becomes of a step when nobody knows whether its call had an
// effect.
type onDoubt string

const (
	doubtRetry onDoubt = "retry" // it is called again, with the same key
	doubtFail  onDoubt = "fail"
	doubtAsk   onDoubt = "ask" // somebody says what is true
)

// onDoubt reads it from a step.
func (k *checker) onDoubt(d draft) onDoubt {
	sent := d.fields["on_doubt"]
	if sent == nil || !k.oneOf(sent, d.at+"/on_doubt", "on_doubt", []string{string(doubtRetry), string(doubtFail), string(doubtAsk)}) {
		return doubtRetry
	}
	policy := onDoubt(sent.(string))
	if policy != doubtRetry && (d.tool.ReadOnly || d.tool.Idempotent) {
		k.noEffect(d.at+"/on_doubt", sent, d.tool.Address+" may be called again at any time, so a doubt does not matter", "leave on_doubt out")
	}
	return policy
}

// doubts says whether it matters that nobody knows whether the step's call had an
// effect.
func (s *step) doubts() bool {
	return s.onDoubt != "" && s.onDoubt != doubtRetry && !s.tool.ReadOnly && !s.tool.Idempotent
}

// inDoubt says whether a call that failed may have had its effect all the same.
func inDoubt(r ordinaut.StepResult) bool {
	return r.Failure != nil && (r.Failure.Doubt || r.Failure.Class == ordinaut.ClassTimeout)
}

// cutOff is the record of a call in the middle of which the process has ended.
func cutOff(r ordinaut.StepResult) ordinaut.StepResult {
	r.Status, r.Failure = ordinaut.StepFailed, &ordinaut.Failure{
		Class: ordinaut.ClassUnavailable, Code: ordinaut.CodeRunCrashed, Step: r.Path,
		Message: "the process stopped while " + r.Tool + " was called",
	}
	return r
}

// doubt goes on from a call that was cut off.
func (g *Progress) doubt(p place, r ordinaut.StepResult) {
	at := g.now
	r.FinishedAt = &at
	g.keep(g.doubted(p, r))
}

// doubted is what becomes of a call of which nobody knows whether it had an
// effect: it has failed for good, or somebody is asked.
func (g *Progress) doubted(p place, r ordinaut.StepResult) ordinaut.StepResult {
	if p.of().onDoubt == doubtFail {
		f := *r.Failure
		f.Code, f.Message = ordinaut.CodeStepInDoubt, f.Message+"; whether it had an effect is not known"
		f.Fix = "look whether it had one; then run again from this step, or from the one after it"
		r.Failure = &f
		return g.fail(p, r)
	}
	until := r.FinishedAt.Add(limits.ApprovalWait)
	r.Status, r.FinishedAt = ordinaut.StepWaiting, nil
	r.Wait = &ordinaut.Wait{Kind: ordinaut.WaitDoubt, Until: &until}
	g.await(p, r)
	return r
}

// verdict is what somebody says of a call in doubt.
type verdict struct {
	Decision string          `json:"decision"` // retry, done or fail
	Output   json.RawMessage `json:"output"`   // of a call that is done
	By       string          `json:"by"`
	Comment  string          `json:"comment"`
}

// cleared goes on from the word on a call in doubt. Without one until the end of
// the wait, the call has failed.
func (g *Progress) cleared(p place, r ordinaut.StepResult) {
	if r.Failure == nil {
		r = cutOff(r)
	}
	v := verdict{Decision: "fail", Comment: "nobody said so by " + r.Wait.Until.UTC().Format(time.RFC3339)}
	if r.Wait.Answer != nil {
		v = verdict{}
		if err := json.Unmarshal(r.Wait.Answer, &v); err != nil {
			g.lose(p, r, unreadable(r, err))
			return
		}
	}
	switch v.Decision {
	case "retry":
		p.attempt = r.Attempt
		g.start(p)
	case "done":
		if len(v.Output) == 0 {
			v.Output = json.RawMessage("null")
		}
		g.succeed(p, r, v.Output)
	case "fail":
		f := ordinaut.Failure{
			Class: r.Failure.Class, Code: ordinaut.CodeStepInDoubt,
			Message: fmt.Sprintf("%s; it counts as failed, said %s", r.Failure.Message, cmp.Or(v.By, "the end of the wait")),
			Fix:     "run again from this step, when it is to be done after all",
		}
		if v.Comment != "" {
			f.Message += ": " + v.Comment
		}
		g.lose(p, r, f)
	default:
		g.lose(p, r, unreadable(r, nil))
	}
}
