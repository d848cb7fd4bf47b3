package server

import (
	"os"
	"strings"
	"time"

	"github.com/ordinaut/ordinaut/internal/schedule"
)

// localZone is the IANA name of the computer's zone; UTC where it cannot be
// told.
func localZone() string {
	link, _ := os.Readlink("/etc/localtime")
	_, linked, _ := strings.Cut(link, "zoneinfo/")
	for _, name := range []string{strings.TrimPrefix(os.Getenv("TZ"), ":"), time.Local.String(), linked} {
		if _, err := schedule.LoadZone(name); err == nil && name != "" {
			return name
		}
	}
	return "UTC"
}
