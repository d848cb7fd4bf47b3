// Package rehearsal carries out a pipeline with answers that are written down in
// place of tools. It is how the owner of a task finds out what it will do before
// it does anything.
//
// It promises that the pipeline decides exactly as it will when it runs, since it
// is the same pipeline: the same checks, templates, conditions and retries, in
// front of the same catalog of tools. No tool is called, except those that only
// compute. No time passes: the clock of the case is put forward over whatever the
// run waits for, and decisions that are written down come when they say. What a
// case expects is compared with what happened, and every difference is told.
package rehearsal

import (
	"context"
	"encoding/json"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/pipeline"
	"github.com/ordinaut/ordinaut/internal/schedule"
	"github.com/ordinaut/ordinaut/internal/tool"
)

// Rehearsal is a task with the tools that are known where it is rehearsed.
type Rehearsal struct {
	Task  ordinaut.Task
	Zone  *time.Location // of the task
	Tools *tool.Catalog  // whose tools that only compute are called, and whose schemas hold for mocks too
	Now   time.Time      // for scripts that do not say what now is
}

// Run rehearses every case of a script. The error tells everything that is wrong
// with the payload, under /payload, or with the script, under /script.
func (r Rehearsal) Run(ctx context.Context, script json.RawMessage) (Report, error) {
	s, err := read(script)
	if err != nil {
		return Report{}, ordinaut.AsError(err).Under("/script")
	}
	st, err := build(ctx, r)
	if err != nil {
		return Report{}, err
	}
	if err := s.check(st.roles); err != nil {
		return Report{}, ordinaut.AsError(err).Under("/script")
	}
	report := Report{Passed: true, Cases: []CaseReport{}}
	for _, c := range s.cases() {
		one := st.perform(ctx, r, c)
		if err := ctx.Err(); err != nil {
			return Report{}, err
		}
		report.Passed = report.Passed && one.Passed
		report.Cases = append(report.Cases, one)
	}
	return report, nil
}

// env is the run that a case stands for: one that its schedule has made, unless
// the task has none. The links at which people decide lead nowhere.
func (r Rehearsal) env(c scene, failures int, approvals []string) pipeline.Env {
	run := ordinaut.Run{
		ID: runID, TaskID: r.Task.ID, Trigger: ordinaut.TriggerSchedule, Nominal: &c.now,
		ScheduledFor: c.now, Now: &c.now, Params: c.params, Failures: failures,
	}
	switch r.Task.ScheduleKind {
	case ordinaut.ScheduleManual:
		run.Trigger, run.Nominal = ordinaut.TriggerManual, nil
	case ordinaut.ScheduleEvent:
		run.Trigger, run.Nominal = ordinaut.TriggerEvent, nil
	}
	run.Event = c.event.document(c.now)
	links := map[string]string{}
	for _, step := range approvals {
		links[step] = "https://ordinaut.example/approve/" + step
	}
	return pipeline.Env{Task: r.Task, Run: run, Zone: r.Zone, Links: links, LoadZone: schedule.LoadZone}
}

// runID is the id of every rehearsed run, so that what is made of it stays the
// same.
const runID = "00000000-0000-7000-8000-000000000000"
