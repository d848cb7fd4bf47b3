package schedule

import (
	"cmp"
	"strings"
	"time"
)

// A stamp is a date or date-time as iCalendar writes it (RFC 5545, 3.3.4 and
// 3.3.5).
type stamp struct {
	form stampForm
	wall time.Time // what it says, held in UTC
	tzid string    // the zone that was written beside it
}

type stampForm int

const (
	noStamp    stampForm = iota
	dateStamp            // 20260101
	localStamp           // 20260101T090000
	utcStamp             // 20260101T090000Z
)

func parseStamp(text, tzid string) (stamp, bool) {
	text = strings.ToUpper(text)
	for form := dateStamp; form <= utcStamp; form++ {
		layout := form.layout()
		if wall, err := time.Parse(layout, text); err == nil && len(text) == len(layout) {
			return stamp{form, wall, tzid}, true
		}
	}
	return stamp{}, false
}

func (f stampForm) layout() string {
	return []string{"", "20060102", "20060102T150405", "20060102T150405Z"}[f]
}

func (s stamp) String() string { return s.wall.Format(s.form.layout()) }

// zoneName is the zone that the stamp itself names.
func (s stamp) zoneName() (string, bool) {
	if s.form == utcStamp {
		return "UTC", true
	}
	return s.tzid, s.tzid != ""
}

// in gives the stamp as the wall clock of a zone says it; one that names
// another zone is an instant there.
func (s stamp) in(zone *time.Location) (stamp, error) {
	if s.tzid == "" || s.tzid == zone.String() || s.form == dateStamp {
		return s, nil
	}
	other, err := LoadZone(s.tzid)
	if err != nil {
		return s, inExpression(err)
	}
	return stamp{form: utcStamp, wall: instantOf(other, s.wall)}, nil
}

// endOfDay is the last second of a date, and otherwise the stamp itself.
func (s stamp) endOfDay() stamp {
	if s.form == dateStamp {
		s.wall = s.wall.Add(24*time.Hour - time.Second)
	}
	return s
}

// instant is where the stamp lies on the time line.
func (s stamp) instant(zone *time.Location) time.Time {
	if s.form == utcStamp {
		return s.wall
	}
	return instantOf(zone, s.wall)
}

func compareStamps(a, b stamp) int {
	return cmp.Or(cmp.Compare(a.form, b.form), cmp.Compare(a.tzid, b.tzid), a.wall.Compare(b.wall))
}
