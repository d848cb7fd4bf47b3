package schedule

import (
	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// overlap is the policy of this decision. Whoever wants every missed fire made
// up for wants them one after the other, and not all but the first refused; so
// does the fire that is on time behind them.
func (p *plan) overlap() ordinaut.OverlapPolicy {
	if p.task.Overlap == "" && p.task.CatchUp == ordinaut.CatchUpAll && p.caught > 0 {
		return ordinaut.OverlapBufferAll
	}
	return p.task.OverlapPolicy()
}

// yields is why a fire that could run does not, because of runs that have not
// ended; "" when it gets its run. Under cancel_running only the newest of one
// decision does: the others would have ended before they began.
func (p *plan) yields(newest bool) ordinaut.Reason {
	policy := p.overlap()
	switch {
	case policy == ordinaut.OverlapCancelRunning && !newest:
		return ordinaut.ReasonOverlap
	case p.ahead == 0:
		return ""
	case policy == ordinaut.OverlapSkip, policy == ordinaut.OverlapBufferOne && p.parked > 0:
		return ordinaut.ReasonOverlap
	case policy == ordinaut.OverlapBufferAll && p.parked >= limits.BufferedRuns:
		return ordinaut.ReasonLimit
	}
	return ""
}

// run makes a run of the fire. Under every policy but allow it waits for those
// ahead of it: under cancel_running until they have let go.
func (p *plan) run(f fire) {
	waits := p.ahead > 0 && p.overlap() != ordinaut.OverlapAllow
	p.runs = append(p.runs, ordinaut.PlannedRun{
		ID:           p.newID(),
		Nominal:      f.At,
		ScheduledFor: p.start(f),
		Parked:       waits,
	})
	p.supersede = waits && p.overlap() == ordinaut.OverlapCancelRunning
	if waits {
		p.parked++
	}
	p.ahead++
	p.gaps.open = false
}
