package builtin

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"github.com/ordinaut/ordinaut/internal/jsonguard"
	"net/http"
	"strings"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/calendar"
	"github.com/ordinaut/ordinaut/internal/egress"
	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/internal/schedule"
	"github.com/ordinaut/ordinaut/internal/tool"
)

// calendarListEvents lists the events of an iCalendar file.
func calendarListEvents(o Options) builtin {
	return builtin{
		Tool: ordinaut.Tool{
			Address: "calendar.list_events",
			Title:   "List calendar events",
			Description: "Lists the events of an iCalendar (.ics) file between two times, the first one first: recurrences, exceptions, moved occurrences and time zones are worked out. " +
				"The calendar is a file in an allowed folder, a URL such as the secret address of a Google, Outlook or iCloud calendar, or the text itself. " +
				"What cannot be read is told in warnings, and the rest is listed all the same.",
			InputSchema:  json.RawMessage(calendarInput),
			OutputSchema: json.RawMessage(calendarOutput),
			ReadOnly:     true,
			Idempotent:   true,
			Examples:     calendarExamples(),
		},
		work: reaching(func(ctx context.Context, c tool.Call, in calendarArguments) (any, error) {
			return in.list(ctx, o, c.Zone)
		}),
	}
}

const (
	calendarInput = `{
		"type": "object",
		"properties": {
			"file": {"type": "string", "minLength": 1, "maxLength": 4096, "description": "The path of an .ics file in a folder that the operator allows; relative to it, or absolute.", "examples": ["team.ics"]},
			"url": {"type": "string", "minLength": 1, "maxLength": 8192, "description": "Where an .ics file is, with https:// or webcal://.", "examples": ["https://example.com/team.ics"]},
			"text": {"type": "string", "description": "The text of the calendar itself, from BEGIN:VCALENDAR on."},
			"start": {"type": "string", "description": "Events that end after it: an RFC 3339 time, or a date or time in timezone. Now, when it is left out.", "examples": ["2026-10-19", "2026-10-19T08:00:00Z"]},
			"end": {"type": "string", "description": "Events that begin before it, written like start; a date is its midnight. 24 hours after start, when it is left out.", "examples": ["2026-10-20"]},
			"timezone": {"type": "string", "description": "The IANA zone of dates, of whole days, of times without a zone, and of the answer. The task's, when it is left out.", "examples": ["Europe/Chisinau"]},
			"limit": {"type": "integer", "minimum": 1, "maximum": 10000, "default": 1000, "description": "How many events at most, the first ones."}
		},
		"oneOf": [{"required": ["file"]}, {"required": ["url"]}, {"required": ["text"]}],
		"additionalProperties": false
	}`
	calendarOutput = `{
		"type": "object",
		"properties": {
			"name": {"type": "string", "description": "What the calendar is called."},
			"timezone": {"type": "string", "description": "The zone of all times."},
			"start": {"type": "string", "format": "date-time"},
			"end": {"type": "string", "format": "date-time"},
			"events": {"type": "array", "items": {"$ref": "#/$defs/event"}, "description": "By their start, and then their uid."},
			"truncated": {"type": "boolean", "description": "There are more events than are listed."},
			"warnings": {"type": "array", "items": {"type": "string"}, "description": "What was left out or had to be guessed."}
		},
		"required": ["name", "timezone", "start", "end", "events", "truncated", "warnings"],
		"$defs": {
			"event": {
				"type": "object",
				"properties": {
					"uid": {"type": "string", "description": "The same for all occurrences of a series."},
					"title": {"type": "string"},
					"start": {"type": "string", "format": "date-time", "description": "In the zone of the answer; the midnight of an event of whole days."},
					"end": {"type": "string", "format": "date-time", "description": "The first moment after it."},
					"all_day": {"type": "boolean", "description": "It takes whole days."},
					"timezone": {"type": "string", "description": "The zone it was made in; empty for whole days and for times without a zone."},
					"location": {"type": "string"},
					"description": {"type": "string"},
					"status": {"type": "string", "description": "confirmed or tentative; canceled events are not listed."},
					"busy": {"type": "boolean", "description": "It takes up the time of whoever attends."},
					"url": {"type": "string"},
					"categories": {"type": "array", "items": {"type": "string"}},
					"organizer": {"anyOf": [{"$ref": "#/$defs/person"}, {"type": "null"}]},
					"attendees": {"type": "array", "items": {"$ref": "#/$defs/person"}},
					"recurring": {"type": "boolean", "description": "It is one of a series."},
					"recurrence_id": {"type": ["string", "null"], "description": "When the series would have it; differs from start when it was moved."},
					"note": {"type": "string", "description": "How a clock change touched it."}
				},
				"required": ["uid", "title", "start", "end", "all_day", "timezone", "location", "description", "status", "busy", "url", "categories", "organizer", "attendees", "recurring", "recurrence_id", "note"]
			},
			"person": {
				"type": "object",
				"properties": {
					"name": {"type": "string"},
					"email": {"type": "string"},
					"status": {"type": "string", "description": "Of an attendee: accepted, declined, tentative, needs-action."}
				},
				"required": ["name", "email"]
			}
		}
	}`
)

func calendarExamples() []ordinaut.ToolExample {
	return []ordinaut.ToolExample{{
		Input: json.RawMessage(`{
			"text": "BEGIN:VCALENDAR\nVERSION:2.0\nX-WR-CALNAME:Team\nBEGIN:VEVENT\nUID:standup@example.com\nSUMMARY:Standup\nDTSTART;TZID=Europe/London:20260105T090000\nDURATION:PT15M\nRRULE:FREQ=WEEKLY;BYDAY=MO,WE,FR\nEXDATE;TZID=Europe/London:20261021T090000\nEND:VEVENT\nEND:VCALENDAR",
			"start": "2026-10-19", "end": "2026-10-22", "timezone": "Europe/Chisinau"
		}`),
		Output: json.RawMessage(`{
			"name": "Team",
			"timezone": "Europe/Chisinau",
			"start": "2026-10-19T00:00:00+03:00",
			"end": "2026-10-22T00:00:00+03:00",
			"events": [{
				"uid": "standup@example.com",
				"title": "Standup",
				"start": "2026-10-19T11:00:00+03:00",
				"end": "2026-10-19T11:15:00+03:00",
				"all_day": false,
				"timezone": "Europe/London",
				"location": "",
				"description": "",
				"status": "confirmed",
				"busy": true,
				"url": "",
				"categories": [],
				"organizer": null,
				"attendees": [],
				"recurring": true,
				"recurrence_id": "2026-10-19T11:00:00+03:00",
				"note": ""
			}],
			"truncated": false,
			"warnings": []
		}`),
	}}
}

type calendarArguments struct {
	File     string `json:"file"`
	URL      string `json:"url"`
	Text     string `json:"text"`
	Start    string `json:"start"`
	End      string `json:"end"`
	Timezone string `json:"timezone"`
	Limit    int    `json:"limit"`
}

// calendarWait is how long working out the events may take.
const calendarWait = 5 * time.Second

func (in calendarArguments) list(ctx context.Context, o Options, zone string) (any, error) {
	text, err := in.read(ctx, o)
	if err != nil {
		return nil, err
	}
	c, err := calendar.Parse(text)
	if err != nil {
		return nil, err
	}
	w, err := in.window(zone, c)
	if err != nil {
		return nil, err
	}
	bounded, cancel := context.WithTimeout(ctx, calendarWait)
	defer cancel()
	listing, err := c.List(bounded, w)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return nil, &ordinaut.Error{
			Code:    ordinaut.CodeCalendarInvalid,
			Message: "the events of the calendar take too long to work out",
			Fix:     "ask for a shorter time, or for another calendar",
		}
	}
	if err != nil {
		return nil, err
	}
	return answerOf(c, w, listing)
}

// read reads the text from where it is.
func (in calendarArguments) read(ctx context.Context, o Options) (string, error) {
	switch {
	case in.File != "":
		return folders(o.Files).read(in.File)
	case in.URL != "":
		return download(ctx, o.Client, in.URL)
	}
	return in.Text, nil
}

// download fetches a calendar. What calendar programs call webcal is https.
func download(ctx context.Context, client *http.Client, url string) (string, error) {
	if scheme, rest, ok := strings.Cut(strings.TrimSpace(url), "://"); ok && (strings.EqualFold(scheme, "webcal") || strings.EqualFold(scheme, "webcals")) {
		url = "https://" + rest
	}
	answer, err := egress.Send(ctx, client, egress.Request{URL: url, Header: map[string]string{"Accept": "text/calendar, */*;q=0.1"}})
	if err != nil {
		return "", err
	}
	if !answer.OK() {
		return "", answer.Refusal()
	}
	return string(answer.Body), nil
}

// window is the time that is asked for, in the zone that is asked for.
func (in calendarArguments) window(standard string, c *calendar.Calendar) (calendar.Window, error) {
	zone, err := in.zone(standard, c)
	if err != nil {
		return calendar.Window{}, err
	}
	var faults ordinaut.Errors
	w := calendar.Window{From: time.Now().In(zone).Truncate(time.Second), Zone: zone, Limit: cmp.Or(in.Limit, 1000)}
	if in.Start != "" {
		w.From, err = parseMoment(in.Start, "/start", zone)
		faults.Add(err)
	}
	w.To = w.From.Add(24 * time.Hour)
	if in.End != "" {
		w.To, err = parseMoment(in.End, "/end", zone)
		faults.Add(err)
	}
	if len(faults) == 0 && !w.To.After(w.From) {
		faults.Add(&ordinaut.Error{
			Code:     ordinaut.CodeToolInput,
			At:       "/end",
			Sent:     in.End,
			Message:  "calendar.list_events: end does not lie after start, which is " + w.From.Format(time.RFC3339),
			Fix:      "end is not part of the time: for one day, name the day after it",
			Examples: []string{w.From.AddDate(0, 0, 1).Format(time.RFC3339)},
		})
	}
	return w, faults.Err()
}

// zone is the one that is asked for, or the standard one, or the calendar's own.
func (in calendarArguments) zone(standard string, c *calendar.Calendar) (*time.Location, error) {
	if name := cmp.Or(in.Timezone, standard); name != "" {
		return schedule.LoadZone(name)
	}
	return cmp.Or(c.Zone, time.UTC), nil
}

// parseMoment reads a time, or a time or a date in a zone.
func parseMoment(text, at string, zone *time.Location) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, text, zone); err == nil {
			return t.In(zone), nil
		}
	}
	return time.Time{}, &ordinaut.Error{
		Code:     ordinaut.CodeToolInput,
		At:       at,
		Sent:     text,
		Message:  "calendar.list_events: " + strings.TrimPrefix(at, "/") + " is neither a time nor a date",
		Fix:      "write an RFC 3339 time such as ${now}, or a date",
		Examples: []string{"2026-10-19T08:00:00Z", "2026-10-19"},
	}
}

type calendarAnswer struct {
	Name      string            `json:"name"`
	Timezone  string            `json:"timezone"`
	Start     time.Time         `json:"start"`
	End       time.Time         `json:"end"`
	Events    []json.RawMessage `json:"events"`
	Truncated bool              `json:"truncated"`
	Warnings  []string          `json:"warnings"`
}

// answerOf is the answer with as many events as a step may give.
func answerOf(c *calendar.Calendar, w calendar.Window, listing calendar.Listing) (any, error) {
	const reserve = 128 << 10 // for everything but the events
	a := calendarAnswer{
		Name: c.Name, Timezone: w.Zone.String(), Start: w.From, End: w.To,
		Events: []json.RawMessage{}, Truncated: listing.Truncated, Warnings: append([]string{}, listing.Warnings...),
	}
	left := limits.StepOutputBytes - reserve
	for _, e := range listing.Events {
		data, err := jsonguard.Encode(e)
		if err != nil {
			return nil, err
		}
		if left -= len(data) + 1; left < 0 {
			a.Truncated = true
			break
		}
		a.Events = append(a.Events, data)
	}
	return a, nil
}
