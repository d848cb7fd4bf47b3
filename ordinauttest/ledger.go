package ordinauttest

import (
	"fmt"
	"strings"
	"time"

	"github.com/ordinaut/ordinaut"
)

// ledgerMax is more entries than any test makes for one task.
const ledgerMax = 1_000_000

// Entries are the outcomes of all nominal times of a task.
func (w *World) Entries(id ordinaut.TaskID) []ordinaut.Entry {
	w.t.Helper()
	entries, err := w.Store.Ledger(w.t.Context(), id, time.Unix(0, 0), time.Now().AddDate(100, 0, 0), ledgerMax)
	w.must(err)
	return entries
}

// Ledger is the ledger of a task for people to read: a line for each outcome,
// with the steps of each run.
func (w *World) Ledger(id ordinaut.TaskID) string {
	w.t.Helper()
	var b strings.Builder
	for _, e := range w.Entries(id) {
		if e.Gap != nil {
			writeGap(&b, *e.Gap)
			continue
		}
		run, err := w.Store.Run(w.t.Context(), e.RunID)
		w.must(err)
		w.writeRun(&b, run)
	}
	return b.String()
}

// Asked lists the runs that somebody asked for, oldest first.
func (w *World) Asked(id ordinaut.TaskID) string {
	w.t.Helper()
	runs, err := w.Store.ListRuns(w.t.Context(), ordinaut.RunFilter{TaskID: id, Limit: ledgerMax})
	w.must(err)
	var b strings.Builder
	for i := range runs {
		if run := runs[len(runs)-1-i]; run.Nominal == nil {
			w.writeRun(&b, run)
		}
	}
	return b.String()
}

const stamp = "2006-01-02 15:04:05Z"

func writeGap(b *strings.Builder, g ordinaut.Gap) {
	fmt.Fprintf(b, "%s  -- %s", g.First.UTC().Format(stamp), g.Reason)
	if g.Count > 1 {
		fmt.Fprintf(b, " x%d until %s", g.Count, g.Last.UTC().Format(stamp))
	}
	b.WriteByte('\n')
}

func (w *World) writeRun(b *strings.Builder, r ordinaut.Run) {
	at := r.ScheduledFor
	if r.Nominal != nil {
		at = *r.Nominal
	}
	fmt.Fprintf(b, "%s  %s %s", at.UTC().Format(stamp), r.Trigger, r.Status)
	if r.StartedAt != nil && r.StartedAt.Sub(at) >= time.Second {
		fmt.Fprintf(b, ", started +%s", r.StartedAt.Sub(at).Round(time.Second))
	}
	if r.Attempt() > 1 {
		fmt.Fprintf(b, ", attempt %d", r.Attempt())
	}
	if r.Reason != "" {
		fmt.Fprintf(b, " (%s)", r.Reason)
	}
	if r.Failure != nil {
		fmt.Fprintf(b, ": %s", r.Failure.Message)
	}
	b.WriteByte('\n')
	steps, err := w.Store.Steps(w.t.Context(), r.ID)
	w.must(err)
	for _, s := range steps {
		fmt.Fprintf(b, "    %s %s %s\n", s.Path, s.Status, s.Output)
	}
}
