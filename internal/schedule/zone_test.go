package schedule

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ordinaut/ordinaut"
)

// TestZoneDatabaseIsWhole loads every zone. With -update it makes the archive
// anew from the one that comes with Go.
func TestZoneDatabaseIsWhole(t *testing.T) {
	t.Parallel()
	if *update {
		writeZoneArchive(t)
	}
	names := ZoneNames()
	if len(names) < 590 {
		t.Errorf("the database has %d zones, want all 590 or more", len(names))
	}
	for _, name := range names {
		zone, err := LoadZone(name)
		if err != nil || zone.String() != name {
			t.Errorf("LoadZone(%q) = %v, %v", name, zone, err)
		}
	}
	for _, name := range []string{"UTC", "Europe/Chisinau", "America/Argentina/Ushuaia", "US/Eastern", "Etc/GMT-14", "EST5EDT", "Asia/Kolkata"} {
		if !slices.Contains(names, name) {
			t.Errorf("%s is not in the database", name)
		}
	}
	if version := ZoneVersion(); !regexp.MustCompile(`^20\d\d[a-z]$`).MatchString(version) {
		t.Errorf("the version is %q", version)
	}
}

// writeZoneArchive copies Go's archive and adds its version.
func writeZoneArchive(t *testing.T) {
	t.Helper()
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(strings.TrimSpace(string(root)), "lib", "time")
	script, err := os.ReadFile(filepath.Join(folder, "update.bash"))
	if err != nil {
		t.Fatal(err)
	}
	version := regexp.MustCompile(`(?m)^DATA=(\w+)$`).FindSubmatch(script)
	source, err := zip.OpenReader(filepath.Join(folder, "zoneinfo.zip"))
	if err != nil || version == nil {
		t.Fatalf("Go's archive: %v, version %q", err, version)
	}
	defer source.Close()
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	for _, f := range source.File {
		if err := w.Copy(f); err != nil {
			t.Fatal(err)
		}
	}
	entry, err := w.CreateHeader(&zip.FileHeader{Name: zoneVersionFile, Method: zip.Store})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(entry, string(version[1])+"\n"); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Close(), os.WriteFile("zoneinfo.zip", archive.Bytes(), 0o644)); err != nil {
		t.Fatal(err)
	}
}

func TestZonesAreNamedLetterByLetter(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, near string }{
		{"Local", ""},
		{"europe/berlin", "Europe/Berlin"},
		{"Europe/Berlim", "Europe/Berlin"},
		{"America/New York", "America/New_York"},
		{"new york", "America/New_York"},
		{"Tokyo", "Asia/Tokyo"},
		{"PST", ""},
		{"CEST", ""},
		{"+02:00", ""},
		{"../etc/passwd", ""},
		{"Europe/", ""},
		{"Mars/Olympus_Mons", ""},
	} {
		zone, err := LoadZone(c.name)
		fault := ordinaut.AsError(err)
		if zone != nil || fault.Code != ordinaut.CodeScheduleTimezone || fault.At != "/timezone" || fault.Sent != c.name {
			t.Errorf("LoadZone(%q) = %v, %+v", c.name, zone, fault)
			continue
		}
		if near := fault.Examples[0]; (len(fault.Examples) == 1) != (c.near != "") || c.near != "" && near != c.near {
			t.Errorf("LoadZone(%q) suggests %q, want %q", c.name, fault.Examples, c.near)
		}
	}
	if zone, err := LoadZone(""); zone != time.UTC || err != nil {
		t.Errorf("without a name the zone is %v, %v, want UTC", zone, err)
	}
}

func TestZonesAreReadOnce(t *testing.T) {
	t.Parallel()
	one, _ := LoadZone("Europe/Chisinau")
	two, _ := LoadZone("Europe/Chisinau")
	if one != two {
		t.Error("a zone is read a second time")
	}
}

// TestZonesAreNotThoseOfTheSystem points Go at a database that it cannot read.
func TestZonesAreNotThoseOfTheSystem(t *testing.T) {
	t.Setenv("ZONEINFO", filepath.Join(t.TempDir(), "none"))
	zone, err := LoadZone("America/Caracas")
	if err != nil {
		t.Fatal(err)
	}
	if _, offset := time.Date(2012, 1, 1, 0, 0, 0, 0, zone).Zone(); offset != -16200 {
		t.Errorf("Caracas was %d seconds from UTC in 2012, want -16200", offset)
	}
}
