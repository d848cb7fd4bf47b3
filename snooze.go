package ordinaut

import "time"

// Snooze puts one occurrence of a task off. It runs later and keeps its nominal
// time; those that follow it before then do not run, and the series goes on as
// if nothing had happened.
type Snooze struct {
	Nominal time.Time `json:"nominal" doc:"The nominal time that is put off."`
	Until   time.Time `json:"until" doc:"When it runs."`
	Reason  string    `json:"reason,omitempty" required:"false" doc:"Why."`
}

// Covers says whether a nominal time is one that the snooze leaves out.
func (s *Snooze) Covers(nominal time.Time) bool {
	return s != nil && nominal.After(s.Nominal) && nominal.Before(s.Until)
}
