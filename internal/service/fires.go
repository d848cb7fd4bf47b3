package service

import (
	"context"
	"time"

	"github.com/ordinaut/ordinaut"
)

// TaskFires asks what became of a task's nominal times.
type TaskFires struct {
	Task  string     `json:"task" doc:"The id or key of the task."`
	From  *time.Time `json:"from,omitempty" doc:"Nominal times from here on; the last 30 days when it is not sent."`
	To    *time.Time `json:"to,omitempty" doc:"Nominal times before this."`
	Limit int        `json:"limit,omitempty" minimum:"1" maximum:"200" default:"50" doc:"How many at most."`
}

// Fire is the outcome of one nominal time, or of a range of them that did not
// run for one reason.
type Fire struct {
	NominalAt time.Time          `json:"nominal_at" doc:"The nominal time; of a range, the first."`
	LastAt    *time.Time         `json:"last_at,omitempty" doc:"Of a range, the last."`
	Count     int                `json:"count" doc:"How many nominal times it stands for."`
	More      bool               `json:"more,omitempty" required:"false" doc:"There are more than count; counting stopped."`
	Outcome   string             `json:"outcome" enum:"run,gap" doc:"Whether it ran."`
	RunID     ordinaut.RunID     `json:"run_id,omitempty" required:"false" doc:"The run."`
	Status    ordinaut.RunStatus `json:"status,omitempty" required:"false" doc:"Where the run stands; empty when it is no longer kept."`
	Reason    ordinaut.Reason    `json:"reason,omitempty" required:"false" doc:"Why it did not run."`
}

// FireList is a part of the ledger.
type FireList struct {
	Items []Fire `json:"items" doc:"Outcomes, oldest first." nullable:"false"`
}

// ledgerLooked is how far back the ledger is read when nobody says how far.
const ledgerLooked = 30 * 24 * time.Hour

// TaskFires lists what became of a task's nominal times: each ran, or there is
// a reason why not.
func (s *Service) TaskFires(ctx context.Context, r TaskFires) (FireList, error) {
	t, err := s.find(ctx, r.Task)
	if err != nil {
		return FireList{}, err
	}
	now, err := s.now(ctx)
	if err != nil {
		return FireList{}, err
	}
	from, to := now.Add(-ledgerLooked), now.Add(time.Second)
	if r.From != nil {
		from = *r.From
	}
	if r.To != nil {
		to = *r.To
	}
	entries, err := s.store.Ledger(ctx, t.ID, from, to, pageLimit(r.Limit))
	if err != nil {
		return FireList{}, err
	}
	list := FireList{Items: make([]Fire, 0, len(entries))}
	for _, e := range entries {
		list.Items = append(list.Items, showFire(e))
	}
	return list, nil
}

func showFire(e ordinaut.Entry) Fire {
	if e.Gap == nil {
		return Fire{NominalAt: e.At, Count: 1, Outcome: "run", RunID: e.RunID, Status: e.Status, Reason: e.Reason}
	}
	f := Fire{NominalAt: e.At, Count: e.Gap.Count, More: e.Gap.More, Outcome: "gap", Reason: e.Gap.Reason}
	if e.Gap.Count > 1 {
		f.LastAt = &e.Gap.Last
	}
	return f
}
