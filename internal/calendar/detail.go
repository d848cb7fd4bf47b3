package calendar

import (
	"cmp"
	"strings"
	"time"
)

// An Event is one event that takes place, written as calendar.list_events
// answers it. Its times are in the zone of whoever asked.
type Event struct {
	UID         string     `json:"uid"`
	Title       string     `json:"title"`
	Start       time.Time  `json:"start"`
	End         time.Time  `json:"end"` // not part of it
	AllDay      bool       `json:"all_day"`
	Timezone    string     `json:"timezone"` // in which it was made; "" when it has none
	Location    string     `json:"location"`
	Description string     `json:"description"`
	Status      string     `json:"status"` // confirmed or tentative
	Busy        bool       `json:"busy"`
	URL         string     `json:"url"`
	Categories  []string   `json:"categories"`
	Organizer   *Person    `json:"organizer"`
	Attendees   []Person   `json:"attendees"`
	Recurring   bool       `json:"recurring"`
	Recurrence  *time.Time `json:"recurrence_id"` // when the series would have it; null when it does not recur
	Note        string     `json:"note"`          // how a clock change touched it; usually ""
}

// A Person takes part in an event.
type Person struct {
	Name   string `json:"name"`
	Email  string `json:"email"`
	Status string `json:"status,omitempty"` // of an attendee, as accepted or needs-action
}

// What is kept of the texts of one event.
const (
	maxTitle      = 500
	maxText       = 4_000
	maxName       = 200
	maxAttendees  = 100
	maxCategories = 50
)

// event is the occurrence as it is shown. Texts are read only now, because most
// events of a calendar are never shown.
func (o occurrence) event(reader *time.Location) Event {
	e := Event{
		UID:         cut(o.uid, maxTitle),
		Title:       cut(o.text("SUMMARY"), maxTitle),
		Start:       o.start.In(reader),
		End:         o.end().In(reader),
		AllDay:      o.entry.start.date,
		Location:    cut(o.text("LOCATION"), maxText),
		Description: cut(o.text("DESCRIPTION"), maxText),
		Status:      cmp.Or(strings.ToLower(cut(o.value("STATUS"), maxName)), "confirmed"),
		Busy:        !strings.EqualFold(o.value("TRANSP"), "TRANSPARENT"),
		URL:         cut(o.value("URL"), maxText),
		Categories:  o.categories(),
		Attendees:   o.attendees(),
		Recurring:   o.recurs,
		Note:        o.note,
	}
	if !o.entry.start.floats() {
		e.Timezone = cut(o.zone.String(), maxName)
	}
	if organizer, ok := o.first("ORGANIZER"); ok {
		p := organizer.person()
		e.Organizer = &p
	}
	if !o.origin.IsZero() {
		origin := o.origin.In(reader)
		e.Recurrence = &origin
	}
	return e
}

func (o occurrence) categories() []string {
	found := []string{}
	for _, l := range o.all("CATEGORIES") {
		for text := range l.texts {
			if len(found) == maxCategories {
				return found
			}
			if text != "" {
				found = append(found, cut(text, maxName))
			}
		}
	}
	return found
}

func (o occurrence) attendees() []Person {
	found := []Person{}
	for _, l := range o.all("ATTENDEE") {
		if len(found) == maxAttendees {
			break
		}
		p := l.person()
		p.Status = strings.ToLower(cmp.Or(cut(l.param("PARTSTAT"), maxName), "NEEDS-ACTION"))
		found = append(found, p)
	}
	return found
}

// person reads an ORGANIZER or ATTENDEE. Only a mailto: address is one.
func (l line) person() Person {
	scheme, address, _ := strings.Cut(unescape(l.value), ":")
	if !strings.EqualFold(scheme, "mailto") {
		address = l.param("EMAIL")
	}
	return Person{
		Name:  cut(unescape(l.param("CN")), maxName),
		Email: cut(strings.TrimSpace(address), maxName),
	}
}

// cut shortens a text to so many characters.
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	for i := range text {
		if most--; most < 0 {
			return text[:i] + "…"
		}
	}
	return text
}
