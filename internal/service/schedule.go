package service

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/schedule"
)

// PreviewSchedule asks when a schedule would fire.
type PreviewSchedule struct {
	ScheduleKind ordinaut.ScheduleKind `json:"schedule_kind" enum:"cron,rrule,once,interval,event,condition,manual" doc:"How schedule_expr is read." example:"cron"`
	ScheduleExpr string                `json:"schedule_expr" required:"false" maxLength:"16384" doc:"When it fires, in the notation of schedule_kind." example:"30 8 * * 1-5"`
	Timezone     string                `json:"timezone,omitempty" maxLength:"100" doc:"IANA zone; the server's when it is not sent." example:"Europe/Chisinau"`
	StartsAt     *time.Time            `json:"starts_at,omitempty" doc:"No nominal time before this one counts."`
	EndsAt       *time.Time            `json:"ends_at,omitempty" doc:"No nominal time after this one counts."`
	Gap          ordinaut.GapPolicy    `json:"gap,omitempty" enum:"shift,next_valid,skip" doc:"What becomes of a wall-clock time that a clock change leaves out."`
	Repeat       ordinaut.RepeatPolicy `json:"repeat,omitempty" enum:"first,last,both" doc:"What becomes of a wall-clock time that exists twice."`
	After        *time.Time            `json:"after,omitempty" doc:"Show fires strictly after this instant; now when it is not sent. A recurrence without a start of its own begins here."`
	Count        int                   `json:"count,omitempty" minimum:"1" maximum:"200" default:"5" doc:"How many fires to show."`
}

// Preview is a schedule in words and instants.
type Preview struct {
	Canonical string        `json:"canonical" doc:"The one spelling of the schedule."`
	Sentence  string        `json:"sentence" doc:"When it fires, in English; the canonical form where no sentence is sure."`
	Timezone  string        `json:"timezone" doc:"The zone it is placed in."`
	Fires     []PreviewFire `json:"fires" doc:"The next fires." nullable:"false"`
	Skipped   []PreviewFire `json:"skipped,omitempty" doc:"Nominal times between them that do not fire." nullable:"false"`
	Zones     string        `json:"zone_database" doc:"The release of the zone database it was computed with."`
}

// PreviewFire is one instant at which a schedule fires.
type PreviewFire struct {
	UTC    string          `json:"utc" doc:"The instant in UTC, RFC 3339."`
	Local  string          `json:"local" doc:"The same in the zone of the schedule, with its offset."`
	Note   string          `json:"note,omitempty" doc:"How a clock change touched it."`
	Reason ordinaut.Reason `json:"reason,omitempty" required:"false" doc:"Why it does not fire."`
}

// previewCount is how many fires are shown when nobody says how many.
const previewCount = 5

// previewYear is the first year that is not shown: how clocks will change so far
// ahead is anybody's guess.
const previewYear = 2100

// PreviewSchedule says when a schedule would fire, without making anything.
func (s *Service) PreviewSchedule(ctx context.Context, r PreviewSchedule) (Preview, error) {
	after, err := s.now(ctx)
	if err != nil {
		return Preview{}, err
	}
	if r.After != nil {
		after = *r.After
	}
	rule, err := schedule.Compile(ordinaut.Schedule{
		Kind: r.ScheduleKind, Expr: r.ScheduleExpr, Timezone: r.Timezone, DefaultZone: s.zone,
		StartsAt: r.StartsAt, EndsAt: r.EndsAt, Gap: r.Gap, Repeat: r.Repeat,
		Anchor: anchorAt(r.ScheduleKind, after), RunIfPast: true,
	})
	if errors.Is(err, &ordinaut.Error{Code: ordinaut.CodeScheduleNever}) && strings.Contains(r.ScheduleExpr, "DTSTART") {
		return s.previewNothing(r), nil
	}
	if err != nil {
		return Preview{}, err
	}
	all, err := schedule.Preview(rule, after, cmp.Or(r.Count, previewCount))
	if err != nil {
		return Preview{}, err
	}
	p := Preview{
		Canonical: rule.Canonical(), Sentence: rule.Sentence(),
		Timezone: rule.Location().String(), Zones: schedule.ZoneVersion(),
		Fires: []PreviewFire{},
	}
	for _, o := range all {
		if o.At.Year() >= previewYear {
			break
		}
		fire := PreviewFire{
			UTC: o.At.UTC().Format(time.RFC3339), Local: o.At.In(rule.Location()).Format(time.RFC3339),
			Note: o.Note, Reason: o.Skip,
		}
		if o.Skip == "" {
			p.Fires = append(p.Fires, fire)
		} else {
			p.Skipped = append(p.Skipped, fire)
		}
	}
	return p, nil
}

// previewNothing is the preview of a recurrence set with a start of its own that
// yields nothing. Such a set comes from a calendar, where that is a fact to be
// shown; a task with it is refused.
func (s *Service) previewNothing(r PreviewSchedule) Preview {
	return Preview{
		Canonical: r.ScheduleExpr, Sentence: "never", Timezone: cmp.Or(r.Timezone, s.zone),
		Zones: schedule.ZoneVersion(), Fires: []PreviewFire{},
	}
}
