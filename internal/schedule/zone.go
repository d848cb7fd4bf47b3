package schedule

import (
	"archive/zip"
	_ "embed"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ordinaut/ordinaut"
)

// The tz database is part of the program, so that every machine computes the
// same times: the files of the system, which Go would prefer, are never read.
// The archive is the one that comes with Go, with the database's version added;
// "go test ./internal/schedule -run ZoneDatabase -update" makes it anew.
//
//go:embed zoneinfo.zip
var zoneArchive string

// zoneVersionFile is the entry of the archive that tells its version.
const zoneVersionFile = "+VERSION"

// zones opens the archive when the first zone is asked for.
var zones = sync.OnceValue(openZones)

// zoneBook is the opened database, and the zones read from it so far.
type zoneBook struct {
	archive *zip.Reader
	version string
	names   []string
	read    sync.Map // name → *time.Location
}

// openZones panics when the archive is damaged, which only a faulty build can
// cause.
func openZones() *zoneBook {
	archive, err := zip.NewReader(strings.NewReader(zoneArchive), int64(len(zoneArchive)))
	if err != nil {
		panic("schedule: the embedded tz database cannot be opened: " + err.Error())
	}
	book := &zoneBook{archive: archive}
	for _, f := range archive.File {
		if !strings.HasSuffix(f.Name, "/") && f.Name != zoneVersionFile {
			book.names = append(book.names, f.Name)
		}
	}
	slices.Sort(book.names)
	version, err := book.file(zoneVersionFile)
	if err != nil {
		panic("schedule: the embedded tz database has no version: " + err.Error())
	}
	book.version = strings.TrimSpace(string(version))
	return book
}

func (z *zoneBook) file(name string) ([]byte, error) {
	f, err := z.archive.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(f)
}

// ZoneVersion is the version of the tz database in use, such as "2025c".
func ZoneVersion() string { return zones().version }

// ZoneNames lists the names of the tz database in alphabetical order.
func ZoneNames() []string { return slices.Clone(zones().names) }

// LoadZone gives the zone with this IANA name, letter by letter. "" is UTC. The
// fault of an unknown one lies at /timezone and names the nearest.
func LoadZone(name string) (*time.Location, error) {
	book := zones()
	if name == "" || name == "UTC" {
		return time.UTC, nil
	}
	if zone, ok := book.read.Load(name); ok {
		return zone.(*time.Location), nil
	}
	if _, ok := slices.BinarySearch(book.names, name); !ok {
		return nil, unknownZone(name, book.names)
	}
	data, err := book.file(name)
	if err != nil {
		return nil, err
	}
	zone, err := time.LoadLocationFromTZData(name, data)
	if err != nil {
		return nil, err
	}
	kept, _ := book.read.LoadOrStore(name, zone)
	return kept.(*time.Location), nil
}

func unknownZone(name string, names []string) error {
	fault := &ordinaut.Error{
		Code:     ordinaut.CodeScheduleTimezone,
		At:       "/timezone",
		Sent:     name,
		Message:  "there is no such time zone in the tz database " + ZoneVersion(),
		Fix:      "use an IANA name, letter by letter",
		Examples: []string{"Europe/Berlin", "America/New_York", "UTC"},
	}
	if near := nearestZone(name, names); near != "" {
		fault.Fix = "did you mean " + near + "?"
		fault.Examples = []string{near}
	}
	return fault
}

// nearestZone guesses the zone that was meant: the one with a city of that name,
// or one that is written alike. An abbreviation such as PST is near to none,
// because it is also near to the wrong ones.
func nearestZone(name string, names []string) string {
	meant := strings.ReplaceAll(name, " ", "_")
	for _, zone := range names {
		if city := zone[strings.LastIndex(zone, "/")+1:]; strings.EqualFold(city, meant) {
			return zone
		}
	}
	if !strings.Contains(meant, "/") {
		return ""
	}
	return ordinaut.Nearest(meant, names)
}
