package calendar

import (
	"fmt"
	"strings"
	"time"
)

// date lists one value of an RDATE line: a time, a date, or a period with a length
// of its own.
func (x *expansion) date(l line, text string) error {
	text, rest, period := strings.Cut(text, "/")
	s, err := x.stampIn(l, text)
	if err != nil {
		return err
	}
	o := occurrence{entry: x.event, start: s.like(x.event.start).at(x.event.zone), recurs: true}
	if period {
		length, err := x.periodTo(l, rest, o.start)
		if err != nil {
			return err
		}
		o.length = &length
	}
	x.take(o)
	return nil
}

// like is the stamp in the form of the start of its event: a date gets the time
// of day, and a time gives its own up.
func (s stamp) like(start stamp) stamp {
	switch {
	case s.date && !start.date:
		return stamp{wall: s.wall.Add(start.wall.Sub(start.wall.Truncate(day))), zone: start.zone}
	case start.date && !s.date:
		return stamp{wall: s.wall.Truncate(day), date: true}
	}
	return s
}

// periodTo is how long a PERIOD lasts that ends as the text says.
func (x *expansion) periodTo(l line, text string, start time.Time) (length, error) {
	if strings.HasPrefix(strings.TrimSpace(text), "P") {
		return parseLength(text)
	}
	end, err := x.stampIn(l, text)
	if err != nil {
		return length{}, err
	}
	took := end.at(x.event.zone).Sub(start)
	if took < 0 || took > longest {
		return length{}, fmt.Errorf("%s: the period does not end after it begins", l.name)
	}
	return length{exact: took}, nil
}
