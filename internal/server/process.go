package server

import (
	"crypto/rand"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/auth"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// self is what this process tells of itself.
func (s Settings) self() ordinaut.Worker {
	return ordinaut.Worker{Host: hostname(), PID: os.Getpid(), Version: s.Version}
}

// key is the admin key. A process that answers no requests needs none, and makes
// none.
func (s Settings) key() (string, error) {
	switch {
	case !ordinaut.RoleAPI.Has(s.Roles):
		return "", nil
	case s.KeyFile != "":
		return auth.LoadKey(s.KeyFile)
	}
	return auth.EnsureKey(s.DataDir)
}

// reclaim is how often the runs of dead processes are looked for. On a data folder
// there is no other process that could have died.
func (s Settings) reclaim() time.Duration {
	if s.DatabaseURL == "" {
		return 0
	}
	return limits.Takeover
}

// processName is a name that no other process has, now or ever: a process number
// is given again, and in containers it is mostly the same.
func processName() string {
	return fmt.Sprintf("%s-%d-%s", hostname(), os.Getpid(), strings.ToLower(rand.Text()[:6]))
}

func hostname() string {
	name, err := os.Hostname()
	if err != nil || name == "" {
		return "unknown"
	}
	return name
}
