package calendar

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/schedule"
)

//go:embed windows_zones.txt
var windowsZones string

// zoneBook finds the zones that the stamps of one calendar name, each once.
type zoneBook struct {
	names     zoneNames
	described map[string]*component
	clocks    observer
	found     map[string]*time.Location
	missing   map[string]error
}

// find gives the zone that a TZID means. The tz database knows better than the
// description in the file, which is often that of another year, so it is asked
// first, by every name the zone goes by.
func (b *zoneBook) find(tzid string) (*time.Location, error) {
	if zone := b.found[tzid]; zone != nil {
		return zone, nil
	}
	if err := b.missing[tzid]; err != nil {
		return nil, err
	}
	zone, err := b.look(tzid)
	if err != nil {
		b.missing[tzid] = err
		return nil, err
	}
	b.found[tzid] = zone
	return zone, nil
}

func (b *zoneBook) look(tzid string) (*time.Location, error) {
	if zone := b.names.meant(tzid); zone != nil {
		return zone, nil
	}
	described := b.described[tzid]
	if described == nil {
		return nil, fmt.Errorf("the time zone %q is unknown, and the calendar does not describe it%s", excerpt(tzid), b.guess(tzid))
	}
	if zone := b.names.meant(described.value("X-LIC-LOCATION")); zone != nil {
		return zone, nil
	}
	return b.clocks.zone(described)
}

// guess names the zone that may have been meant, for the first few that are
// missing, because it takes long to find.
func (b *zoneBook) guess(tzid string) string {
	const guesses, longest = 10, 60
	if len(b.missing) >= guesses || len(tzid) > longest {
		return ""
	}
	_, err := schedule.LoadZone(tzid)
	if near := ordinaut.AsError(err).Examples; len(near) == 1 {
		return fmt.Sprintf(" (did its author mean %s?)", near[0])
	}
	return ""
}

// zoneNames are the names of the tz database, in alphabetical order.
type zoneNames []string

// find is the zone of a name. Names that are not there never come to
// schedule.LoadZone, which takes its time to find the nearest.
func (n zoneNames) find(name string) *time.Location {
	if _, ok := slices.BinarySearch(n, name); !ok {
		return nil
	}
	zone, _ := schedule.LoadZone(name)
	return zone
}

// has reports whether a zone is one of the database.
func (n zoneNames) has(zone *time.Location) bool { return n.find(zone.String()) == zone }

// meant is the zone that a name means: its own name, as it is or behind a prefix
// such as /freeassociation.sourceforge.net/, or what Windows calls it.
func (n zoneNames) meant(name string) *time.Location {
	name = strings.TrimSpace(name)
	if zone := n.find(name); zone != nil {
		return zone
	}
	if strings.HasPrefix(name, "/") {
		for _, rest, more := strings.Cut(name, "/"); more; _, rest, more = strings.Cut(rest, "/") {
			if zone := n.find(rest); zone != nil {
				return zone
			}
		}
	}
	if strings.EqualFold(name, "tzone://Microsoft/Utc") {
		return time.UTC
	}
	for entry := range strings.Lines(windowsZones) {
		if windows, iana, ok := strings.Cut(strings.TrimSpace(entry), "="); ok && strings.EqualFold(windows, name) {
			return n.find(iana)
		}
	}
	return nil
}
