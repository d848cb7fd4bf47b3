package rehearsal

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/ordinaut/ordinaut"
)

// tell adds a line for people.
func (p *performance) tell(format string, args ...any) {
	p.report.Told = append(p.report.Told, fmt.Sprintf(format, args...))
}

// came says what a wait came to.
func (w *wait) came(r ordinaut.StepResult, now time.Time) string {
	took := lasted(now.Sub(w.since))
	if w.kind == ordinaut.WaitSleep {
		return "waited " + took
	}
	if !w.told {
		return w.unanswered(took, r)
	}
	after := ""
	if took != "0s" {
		after = " after " + took
	}
	line := w.reply.said(after)
	if w.reply.Comment != "" {
		line += ": " + w.reply.Comment
	}
	return line
}

// unanswered is what became of a wait without an answer.
func (w *wait) unanswered(took string, r ordinaut.StepResult) string {
	switch w.kind {
	case ordinaut.WaitEvent:
		return "no such event came in " + took
	case ordinaut.WaitRun:
		return "the run did not end in " + took + ", so the step failed"
	case ordinaut.WaitDoubt:
		return "in doubt; nobody said anything in " + took + ", so the step failed"
	}
	var decided struct{ Status string }
	_ = json.Unmarshal(r.Output, &decided) // there is none when the rejection fails the run
	return "nobody answered in " + took + ", so the deadline decided: " + cmp.Or(decided.Status, "rejected")
}

// said is the reply in words, with how long it was waited for.
func (r *reply) said(after string) string {
	switch {
	case r.topic != "":
		return "an event of " + r.topic + " came" + after
	case r.run != "" && r.Error != nil:
		return "the run failed" + after
	case r.run != "":
		return "the run succeeded" + after
	case r.Doubt:
		return "in doubt;" + after + " " + r.by() + " said that it " + verdict(r.Decision)
	case r.Decision == decisionChanges:
		return "sent back to " + r.To + " by " + r.by() + after
	}
	return r.Decision + " by " + r.by() + after
}

// verdict is what somebody says of a call in doubt, in words.
func verdict(decision string) string {
	switch decision {
	case decisionDone:
		return "is done"
	case "retry":
		return "is to be done again"
	}
	return "has failed"
}

// lasted writes a duration as people do: 1h30m.
func lasted(d time.Duration) string {
	d = d.Round(time.Second)
	text := ""
	if days := d / (24 * time.Hour); days > 0 {
		text, d = fmt.Sprintf("%dd", days), d%(24*time.Hour)
		if d == 0 {
			return text
		}
	}
	rest := d.String()
	if strings.HasSuffix(rest, "m0s") {
		rest = strings.TrimSuffix(rest, "0s")
	}
	if strings.HasSuffix(rest, "h0m") {
		rest = strings.TrimSuffix(rest, "0m")
	}
	return text + rest
}
