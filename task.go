package ordinaut

import (
	"cmp"
	"encoding/json"
	"time"
)

// TaskID names a task; a UUIDv7.
type TaskID string

// TaskStatus is where a task stands.
type TaskStatus string

// The states of a task.
const (
	TaskActive    TaskStatus = "active"
	TaskPaused    TaskStatus = "paused"
	TaskCanceled  TaskStatus = "canceled"  // for good
	TaskCompleted TaskStatus = "completed" // it has no further occurrence
)

// Task is a standing order: a pipeline, when to run it, and under which
// policies.
type Task struct {
	ID        TaskID
	Key       string // its human name, unique per creator among tasks not canceled
	CreatedBy AgentID
	Version   int // +1 with each change of the definition; old versions are kept
	Status    TaskStatus
	CreatedAt time.Time
	UpdatedAt time.Time
	Definition
	Plan
}

// Plan is what the scheduler knows of a task. Every nominal time up to and
// including Cursor has its outcome in the ledger.
type Plan struct {
	Anchor     time.Time // changes only when kind, expression, zone or starts_at change
	Cursor     time.Time
	PlanRev    int64      // +1 with whatever changes when the task fires
	NextFireAt *time.Time // when the scheduler looks at it again; nil is never
	Snooze     *Snooze    // the occurrence that is put off; nil is none
}

// Definition is the part of a task that its owner writes. Its JSON is the form
// on the wire and in the store, and its tags are the schema.
type Definition struct {
	Title       string `json:"title" minLength:"1" maxLength:"200" doc:"What people call the task." example:"Weekday morning briefing"`
	Description string `json:"description" required:"false" maxLength:"2000" doc:"What it is for."`

	ScheduleKind  ScheduleKind `json:"schedule_kind" enum:"cron,rrule,once,interval,event,condition,manual" doc:"How schedule_expr is read." example:"rrule"`
	ScheduleExpr  string       `json:"schedule_expr" required:"false" maxLength:"4096" doc:"When it fires, in the notation of schedule_kind." example:"FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=8;BYMINUTE=30"`
	Timezone      string       `json:"timezone" required:"false" maxLength:"100" doc:"IANA zone of wall-clock schedules; the server's zone when it is not sent." example:"Europe/Chisinau"`
	StartsAt      *time.Time   `json:"starts_at,omitempty" doc:"No nominal time before this one counts."`
	EndsAt        *time.Time   `json:"ends_at,omitempty" doc:"No nominal time after this one counts."`
	JitterSeconds int          `json:"jitter_seconds" required:"false" minimum:"0" maximum:"86400" doc:"Spread each fire over this many seconds, always by the same amount for the same occurrence."`
	RunIfPast     bool         `json:"run_if_past,omitempty" required:"false" doc:"Let a schedule of kind once lie in the past: it then runs at once."`
	Gap           GapPolicy    `json:"gap" required:"false" enum:"shift,next_valid,skip" doc:"What becomes of a wall-clock time that a clock change leaves out." default:"shift"`
	Repeat        RepeatPolicy `json:"repeat" required:"false" enum:"first,last,both" doc:"What becomes of a wall-clock time that exists twice." default:"first"`

	CatchUp              CatchUpPolicy `json:"catch_up" required:"false" enum:"latest,all,none" doc:"What becomes of fires missed while nothing was running." default:"latest"`
	CatchUpWindowSeconds int           `json:"catch_up_window_seconds" required:"false" minimum:"0" doc:"Older fires are recorded as missed." default:"86400"`
	Overlap              OverlapPolicy `json:"overlap,omitempty" required:"false" enum:"skip,buffer_one,buffer_all,cancel_running,allow" doc:"What becomes of a fire while the previous run is unfinished: skip for clock schedules, allow for others."`

	EventBatch           *EventBatch `json:"event_batch,omitempty" required:"false" doc:"Of a schedule of kind event: several events make one run, and are read as event.events."`
	EventDebounceSeconds float64     `json:"event_debounce_seconds,omitempty" required:"false" nullable:"true" minimum:"0" maximum:"86400" doc:"Of a schedule of kind event: the run begins so long after the newest event, and is about all that came until then." default:"0" example:"30"`

	ConcurrencyKey   string `json:"concurrency_key,omitempty" required:"false" nullable:"true" maxLength:"200" doc:"Runs with this key, of all your tasks, share slots. Keys that begin with shared: are everybody's." example:"mailbox"`
	ConcurrencyLimit int    `json:"concurrency_limit,omitempty" required:"false" nullable:"true" minimum:"1" maximum:"1000" default:"1" doc:"How many runs with the key are at work at once; where runs differ, the smallest number holds."`

	DedupeKey           string `json:"dedupe_key,omitempty" required:"false" nullable:"true" maxLength:"100" doc:"A run is not made when a run with this key, of any of your tasks, was made within the window." example:"daily-report"`
	DedupeWindowSeconds int    `json:"dedupe_window_seconds,omitempty" required:"false" nullable:"true" minimum:"0" maximum:"31536000" doc:"How long a run keeps others with its dedupe_key from being made." default:"0" example:"3600"`

	Payload json.RawMessage `json:"payload" doc:"What it does: {params?, pipeline: [step, ...], output?, probe?}."`

	ToolFingerprints map[string]string `json:"tool_fingerprints,omitempty" required:"false" doc:"The definitions of the servers' tools that it calls, as they were when it was checked. Sent with a task, they say that the tools must still be those."`

	Priority           int               `json:"priority" required:"false" minimum:"1" maximum:"9" doc:"Claim order; 9 goes first." default:"5"`
	MaxRetries         int               `json:"max_retries" required:"false" minimum:"0" maximum:"20" doc:"How many failures a run may recover from; a retry resumes at the failed step." default:"3"`
	BackoffStrategy    Backoff           `json:"backoff_strategy" required:"false" enum:"exponential_jitter,exponential,linear,fixed" doc:"How the wait between retries grows." default:"exponential_jitter"`
	BackoffBaseSeconds float64           `json:"backoff_base_seconds" required:"false" exclusiveMinimum:"0" maximum:"86400" doc:"The first wait." default:"1"`
	BackoffMaxSeconds  float64           `json:"backoff_max_seconds" required:"false" exclusiveMinimum:"0" maximum:"86400" doc:"The longest wait." default:"300"`
	TimeoutSeconds     int               `json:"timeout_seconds" required:"false" minimum:"1" maximum:"604800" doc:"Working time of a run; waiting does not count." default:"3600"`
	Labels             map[string]string `json:"labels" required:"false" doc:"Free-form names and values, to find tasks by."`
}

// EventBatch has several events make one run.
type EventBatch struct {
	Per           string  `json:"per,omitempty" required:"false" doc:"An expression over the event; only events for which it is the same make one run. Without one, all do." example:"data.customer"`
	WindowSeconds float64 `json:"window_seconds" exclusiveMinimum:"0" maximum:"86400" doc:"The run begins so long after its first event." example:"60"`
	Max           int     `json:"max,omitempty" required:"false" minimum:"1" maximum:"1000" doc:"With so many events it begins at once." default:"1000" example:"100"`
}

// NewDefinition is a definition in which every field that nobody sends has its
// default.
func NewDefinition() Definition {
	return Definition{
		Gap:                  GapShift,
		Repeat:               RepeatFirst,
		CatchUp:              CatchUpLatest,
		CatchUpWindowSeconds: 86_400,
		Priority:             5,
		MaxRetries:           3,
		BackoffStrategy:      BackoffExponentialJitter,
		BackoffBaseSeconds:   1,
		BackoffMaxSeconds:    300,
		TimeoutSeconds:       3600,
		Labels:               map[string]string{},
	}
}

// Schedule is when the definition fires, its recurrence anchored at anchor.
func (d Definition) Schedule(anchor time.Time) Schedule {
	return Schedule{
		Kind:      d.ScheduleKind,
		Expr:      d.ScheduleExpr,
		Timezone:  d.Timezone,
		StartsAt:  d.StartsAt,
		EndsAt:    d.EndsAt,
		Anchor:    anchor,
		Gap:       d.Gap,
		Repeat:    d.Repeat,
		RunIfPast: d.RunIfPast,
	}
}

// Jitter is how far a fire may lie behind its nominal time.
func (d Definition) Jitter() time.Duration { return time.Duration(d.JitterSeconds) * time.Second }

// OverlapPolicy is the overlap that was sent, or the default of the kind: a
// clock should not pile up runs, and somebody who asks for a run should get it.
func (d Definition) OverlapPolicy() OverlapPolicy {
	if d.ScheduleKind.Clock() {
		return cmp.Or(d.Overlap, OverlapSkip)
	}
	return cmp.Or(d.Overlap, OverlapAllow)
}
