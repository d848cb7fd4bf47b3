package service

import (
	"context"
	"time"

	"github.com/ordinaut/ordinaut/internal/schedule"
)

// Validation says that a task is good, and what it means.
type Validation struct {
	Valid     bool        `json:"valid" doc:"Always true; faults are problems."`
	Canonical string      `json:"canonical" doc:"The one spelling of its schedule."`
	Sentence  string      `json:"sentence" doc:"When it fires, in English."`
	Timezone  string      `json:"timezone" doc:"The zone its times are in."`
	Fires     []time.Time `json:"fires" doc:"The next fires." nullable:"false"`
	Warnings  []Warning   `json:"warnings,omitempty" doc:"What could not be checked."`
}

// ValidateTask checks a task as CreateTask would, and stores nothing.
func (s *Service) ValidateTask(ctx context.Context, r CreateTask) (Validation, error) {
	now, err := s.now(ctx)
	if err != nil {
		return Validation{}, err
	}
	c, err := s.prepare(ctx, r, now)
	if err != nil {
		return Validation{}, err
	}
	fires, err := schedule.Preview(c.rule, now, previewCount)
	if err != nil {
		return Validation{}, err
	}
	v := Validation{
		Valid: true, Canonical: c.rule.Canonical(), Sentence: sentenceOf(c.rule, c.definition),
		Timezone: c.rule.Location().String(), Fires: []time.Time{}, Warnings: c.warnings,
	}
	for _, o := range fires {
		if o.Skip == "" {
			v.Fires = append(v.Fires, o.At.In(c.rule.Location()))
		}
	}
	return v, nil
}
