package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// DataDir is the data folder of the user: ORDINAUT_DATA_DIR, or the place that
// the system keeps for programs' data.
func DataDir(env func(string) string) (string, error) {
	return dataDir(runtime.GOOS, env)
}

func dataDir(system string, env func(string) string) (string, error) {
	if dir := env("ORDINAUT_DATA_DIR"); dir != "" {
		return dir, nil
	}
	below := func(base string, parts ...string) (string, error) {
		dir := env(base)
		if dir == "" {
			return "", errors.New("there is no data folder: set ORDINAUT_DATA_DIR, or " + base)
		}
		return filepath.Join(append([]string{dir}, parts...)...), nil
	}
	switch {
	case system == "windows":
		return below("LocalAppData", "ordinaut")
	case system == "darwin":
		return below("HOME", "Library", "Application Support", "ordinaut")
	case filepath.IsAbs(env("XDG_DATA_HOME")): // the specification says to ignore any other
		return below("XDG_DATA_HOME", "ordinaut")
	default:
		return below("HOME", ".local", "share", "ordinaut")
	}
}

// Running is the server that runs on a data folder. It writes it there, so that
// the command line finds it.
type Running struct {
	URL   string `json:"url"`
	PID   int    `json:"pid"`
	Tools string `json:"tools,omitempty"` // its catalog file, when it was named
}

const runningFile = "server.json"

// Save writes it into the data folder.
func (r Running) Save(dir string) error {
	text, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("write %s: %w", runningFile, err)
	}
	return os.WriteFile(filepath.Join(dir, runningFile), append(text, '\n'), 0o600)
}

// Remove takes it away when the server stops, unless another one has taken its
// place.
func (r Running) Remove(dir string) error {
	if now := findRunning(dir).PID; now != 0 && now != r.PID {
		return nil
	}
	return os.Remove(filepath.Join(dir, runningFile))
}

// findRunning reads it. It is a hint: the server may be gone.
func findRunning(dir string) (r Running) {
	text, err := os.ReadFile(filepath.Join(dir, runningFile))
	if err == nil {
		_ = json.Unmarshal(text, &r)
	}
	return r
}
