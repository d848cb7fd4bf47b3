package expr

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// strftime writes t as format says, in the directives of C and Python. A hyphen
// after the percent sign drops leading zeros, as in %-d.
func strftime(t time.Time, format string) (string, error) {
	var out strings.Builder
	for {
		text, rest, found := strings.Cut(format, "%")
		out.WriteString(text)
		if !found {
			return out.String(), nil
		}
		rest, bare := strings.CutPrefix(rest, "-")
		if rest == "" {
			return "", badDirective("")
		}
		part, ok := directive(t, rest[0])
		if !ok {
			letter, _ := utf8.DecodeRuneInString(rest)
			return "", badDirective(string(letter))
		}
		if bare {
			part = withoutPadding(part)
		}
		out.WriteString(part)
		format = rest[1:]
	}
}

func badDirective(letter string) error {
	return badValue("the format has a directive that does not exist: %"+letter,
		"use %Y %m %d %H %M %S, %A %B %j %V and the others of strftime; %% is a percent sign")
}

// withoutPadding drops the zeros and spaces that fill a number up.
func withoutPadding(s string) string {
	if short := strings.TrimLeft(s, "0 "); short != "" {
		return short
	}
	return s[len(s)-1:]
}

func directive(t time.Time, letter byte) (string, bool) {
	if layout := layoutOf(letter); layout != "" {
		return t.Format(layout), true
	}
	year, week := t.ISOWeek()
	switch letter {
	case 'C':
		return fmt.Sprintf("%02d", t.Year()/100), true
	case 'G':
		return fmt.Sprintf("%04d", year), true
	case 'V':
		return fmt.Sprintf("%02d", week), true
	case 'U':
		return fmt.Sprintf("%02d", (t.YearDay()+6-int(t.Weekday()))/7), true
	case 'W':
		return fmt.Sprintf("%02d", (t.YearDay()+7-isoWeekday(t))/7), true
	case 'j':
		return fmt.Sprintf("%03d", t.YearDay()), true
	case 'k':
		return fmt.Sprintf("%2d", t.Hour()), true
	case 's':
		return fmt.Sprint(t.Unix()), true
	case 'f':
		return fmt.Sprintf("%06d", t.Nanosecond()/1000), true
	case 'u':
		return fmt.Sprint(isoWeekday(t)), true
	case 'w':
		return fmt.Sprint(int(t.Weekday())), true
	case 'n':
		return "\n", true
	case 't':
		return "\t", true
	case '%':
		return "%", true
	}
	return "", false
}

// layoutOf is the layout of package time for the directives it has one for.
func layoutOf(letter byte) string {
	switch letter {
	case 'Y':
		return "2006"
	case 'y':
		return "06"
	case 'm':
		return "01"
	case 'd':
		return "02"
	case 'e':
		return "_2"
	case 'H':
		return "15"
	case 'I':
		return "03"
	case 'M':
		return "04"
	case 'S':
		return "05"
	case 'p':
		return "PM"
	case 'a':
		return "Mon"
	case 'A':
		return "Monday"
	case 'b', 'h':
		return "Jan"
	case 'B':
		return "January"
	case 'F':
		return "2006-01-02"
	case 'T':
		return "15:04:05"
	case 'R':
		return "15:04"
	case 'D':
		return "01/02/06"
	case 'c':
		return "Mon Jan _2 15:04:05 2006"
	case 'z':
		return "-0700"
	case 'Z':
		return "MST"
	}
	return ""
}

// isoWeekday counts the days of the week from Monday, 1, to Sunday, 7.
func isoWeekday(t time.Time) int { return (int(t.Weekday())+6)%7 + 1 }
