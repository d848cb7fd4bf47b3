package ordinaut

import "time"

// ScheduleKind says how a schedule's expression is to be read.
type ScheduleKind string

// The kinds of schedule. See docs/learn/schedules.md for their expressions.
const (
	ScheduleCron      ScheduleKind = "cron"
	ScheduleRRule     ScheduleKind = "rrule"
	ScheduleOnce      ScheduleKind = "once"
	ScheduleInterval  ScheduleKind = "interval"
	ScheduleManual    ScheduleKind = "manual"
	ScheduleEvent     ScheduleKind = "event"
	ScheduleCondition ScheduleKind = "condition"
)

// Clock says whether it is a clock that makes tasks of the kind fire, and not
// somebody who asks or something that happens.
func (k ScheduleKind) Clock() bool {
	return k != ScheduleManual && k != ScheduleEvent && k != ScheduleCondition
}

// GapPolicy says what becomes of a wall-clock time that a clock change leaves
// out (RFC 5545, 3.3.5: the offset before the gap is used, which is GapShift).
type GapPolicy string

// The gap policies.
const (
	GapShift     GapPolicy = "shift"      // 02:30 becomes 03:30 when clocks jump from 02:00 to 03:00
	GapNextValid GapPolicy = "next_valid" // the first instant after the gap, 03:00
	GapSkip      GapPolicy = "skip"       // it does not fire, and the ledger says so
)

// RepeatPolicy says what becomes of a wall-clock time that exists twice.
type RepeatPolicy string

// The repeat policies.
const (
	RepeatFirst RepeatPolicy = "first"
	RepeatLast  RepeatPolicy = "last"
	RepeatBoth  RepeatPolicy = "both"
)

// CatchUpPolicy says what becomes of nominal times that passed while nothing
// was running.
type CatchUpPolicy string

// The catch-up policies.
const (
	CatchUpLatest CatchUpPolicy = "latest" // one run for the newest, the others are recorded as missed
	CatchUpAll    CatchUpPolicy = "all"    // one run each, up to a cap
	CatchUpNone   CatchUpPolicy = "none"   // all are recorded as missed
)

// OverlapPolicy says what becomes of an occurrence that falls due while an
// earlier run of its task is unfinished.
type OverlapPolicy string

// The overlap policies.
const (
	OverlapSkip          OverlapPolicy = "skip"           // it does not run, and the ledger says so
	OverlapAllow         OverlapPolicy = "allow"          // it runs beside the other
	OverlapBufferOne     OverlapPolicy = "buffer_one"     // it is parked until the others have ended, unless one is parked already
	OverlapBufferAll     OverlapPolicy = "buffer_all"     // it is parked until the ones before it have ended
	OverlapCancelRunning OverlapPolicy = "cancel_running" // it takes the place of the others, which are canceled
)

// Schedule says when a task fires.
type Schedule struct {
	Kind     ScheduleKind
	Expr     string
	Timezone string     // IANA name; "" when nobody chose one
	StartsAt *time.Time // nominal times before it do not count
	EndsAt   *time.Time // nominal times after it do not count
	Anchor   time.Time  // where an rrule without DTSTART and an interval begin
	Gap      GapPolicy
	Repeat   RepeatPolicy

	// DefaultZone is where the times are when neither Timezone nor Expr names a
	// zone; "" is UTC.
	DefaultZone string

	// RunIfPast lets a schedule of kind once lie in the past: it fires at once.
	RunIfPast bool
}

// Occurrence is one nominal instant of a schedule (RFC 5545: a recurrence
// instance).
type Occurrence struct {
	At   time.Time // the nominal instant, in UTC
	Wall string    // the wall-clock time the rule asked for, such as "2026-03-29T02:30:00"
	Note string    // how a clock change touched it, in words; usually ""
	Skip Reason    // why it does not fire; "" when it does
}
