package postgres

import (
	"time"

	"github.com/ordinaut/ordinaut"
)

// statsPart is what became of the runs of one task that stand in one status.
type statsPart struct {
	task   ordinaut.TaskID
	status ordinaut.RunStatus
	runs   int
	timed  int   // how many of them took a time that is known
	took   int64 // all of these together, in microseconds
	last   time.Time
}

func scanStatsPart(r row, p *statsPart) error {
	return r.Scan(&p.task, &p.status, &p.runs, &p.timed, &p.took, &p.last)
}

// together adds the parts up. When all of the most runs that were looked at
// count, there may be older ones that would.
func together(parts []statsPart, most int) (s ordinaut.RunStats) {
	tasks := map[ordinaut.TaskID]bool{}
	var timed, took int64
	for _, p := range parts {
		tasks[p.task] = true
		s.Runs += p.runs
		timed += int64(p.timed)
		took += p.took
		later(&s.LastRun, p.last)
		switch p.status {
		case ordinaut.RunSucceeded:
			s.Succeeded += p.runs
			later(&s.LastSuccess, p.last)
		case ordinaut.RunFailed:
			s.Failed += p.runs
			later(&s.LastFailure, p.last)
		case ordinaut.RunCanceled:
			s.Canceled += p.runs
		}
	}
	s.Tasks, s.More = len(tasks), s.Runs == most
	s.Average = time.Duration(took/max(timed, 1)) * time.Microsecond
	return s
}

// later keeps the later of two instants.
func later(kept **time.Time, t time.Time) {
	if *kept == nil || t.After(**kept) {
		*kept = &t
	}
}
