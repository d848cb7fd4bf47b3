package pipeline

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ordinaut/ordinaut"
)

// quiet is what policy.quiet_hours_gate is given: hours in which nobody wants to
// be disturbed, each day or on some days.
type quiet struct {
	From     string   `json:"from"`
	To       string   `json:"to"`
	Start    string   `json:"start"`
	End      string   `json:"end"`
	Timezone string   `json:"timezone"`
	Days     []string `json:"days"` // on which they begin; none is each day

	from, to int // minutes of the day; one that ends the next day ends after its 24 hours
}

// quietUntil is when the quiet hours are over; now when there are none.
func (g *Progress) quietUntil(zone *time.Location, args json.RawMessage) (time.Time, error) {
	var q quiet
	if err := json.Unmarshal(args, &q); err != nil {
		return time.Time{}, misread(err)
	}
	q.from, q.to = minutes(q.From+q.Start), minutes(q.To+q.End)
	if q.from == q.to {
		return time.Time{}, &ordinaut.Error{
			Code: ordinaut.CodeFieldValue, Sent: q.From + q.Start, Message: "the quiet hours end when they begin",
			Fix: "name two times; for whole days, 00:00 and 24:00",
		}
	}
	if q.to < q.from {
		q.to += 24 * 60
	}
	if q.Timezone != "" {
		var err error
		if zone, err = g.zones(q.Timezone); err != nil {
			return time.Time{}, err
		}
	}
	return q.over(g.now.In(zone))
}

// minutes reads a time of day such as 22:00, whose shape was checked.
func minutes(text string) int {
	var h, m int
	_, _ = fmt.Sscanf(text, "%d:%d", &h, &m)
	return h*60 + m
}

// over is the first moment from t on that is in no quiet hours. Hours that follow
// each other, such as those of whole days, are one.
func (q quiet) over(t time.Time) (time.Time, error) {
	for range 2 * 7 {
		end, within := q.end(t)
		if !within {
			return t, nil
		}
		t = end
	}
	return t, &ordinaut.Error{
		Code: ordinaut.CodeFieldValue, At: "/days", Sent: strings.Join(q.Days, ", "),
		Message: "the quiet hours never end", Fix: "leave some hours, or a day, in which somebody may be disturbed",
	}
}

// end is the end of the quiet hours that t lies in: those that began on its day,
// or on the day before.
func (q quiet) end(t time.Time) (end time.Time, within bool) {
	y, m, d := t.Date()
	for _, day := range []int{d - 1, d} {
		date := time.Date(y, m, day, 0, 0, 0, 0, time.UTC)
		name := strings.ToLower(date.Weekday().String()[:3])
		if len(q.Days) > 0 && !slices.Contains(q.Days, name) {
			continue
		}
		from, to := onWall(date, q.from, t.Location()), onWall(date, q.to, t.Location())
		if !t.Before(from) && t.Before(to) {
			return to, true
		}
	}
	return t, false
}

// onWall is the moment at which clocks in the zone first show so many minutes of
// the day. When they never do, because they are put forward, it is the moment at
// which that is done.
func onWall(date time.Time, minutes int, zone *time.Location) time.Time {
	shown := date.Add(time.Duration(minutes) * time.Minute)
	_, before := shown.Add(-24 * time.Hour).In(zone).Zone()
	_, after := shown.Add(24 * time.Hour).In(zone).Zone()
	// Of two moments, the clock of before the change shows the first.
	for _, offset := range []int{before, after} {
		t := shown.Add(-time.Duration(offset) * time.Second).In(zone)
		if _, o := t.Zone(); o == offset {
			return t
		}
	}
	t := shown.Add(-time.Duration(before) * time.Second).In(zone)
	change, _ := t.ZoneBounds()
	return change
}
