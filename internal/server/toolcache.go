package server

import (
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/telemetry"
	"github.com/ordinaut/ordinaut/internal/toolfile"
)

// toolCache remembers in the data folder which tools each server offered, so
// that they are there at the start without starting the servers. It is a hint:
// before a server's first call it is asked again.
type toolCache struct {
	path string
	log  *slog.Logger

	mu    sync.Mutex
	known map[string][]ordinaut.Tool
}

const toolCacheFile = "tools-cache.json"

func openToolCache(path string, log *slog.Logger) *toolCache {
	c := &toolCache{path: path, log: log, known: map[string][]ordinaut.Tool{}}
	text, err := os.ReadFile(path)
	if err == nil && json.Unmarshal(text, &c.known) != nil {
		c.known = map[string][]ordinaut.Tool{} // one that cannot be read is made anew
	}
	return c
}

// cacheKey stands for a server as far as its list of tools depends on it.
func cacheKey(s toolfile.Server) string {
	return strings.Join([]string{s.Name, s.Fingerprint(), strings.Join(s.Include, " "), strings.Join(s.Exclude, " ")}, "\n")
}

// get is what the server offered last; nil when that is not known.
func (c *toolCache) get(s toolfile.Server) []ordinaut.Tool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.known[cacheKey(s)]
}

// put remembers what a server offers.
func (c *toolCache) put(s toolfile.Server, tools []ordinaut.Tool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.known[cacheKey(s)] = append([]ordinaut.Tool{}, tools...)
	c.save()
}

// keep forgets all servers but these.
func (c *toolCache) keep(servers []toolfile.Server) {
	c.mu.Lock()
	defer c.mu.Unlock()
	was := len(c.known)
	kept := map[string][]ordinaut.Tool{}
	for _, s := range servers {
		if tools, ok := c.known[cacheKey(s)]; ok {
			kept[cacheKey(s)] = tools
		}
	}
	if c.known = kept; len(kept) != was {
		c.save()
	}
}

// save writes the cache beside the old one, and then puts it in its place.
func (c *toolCache) save() {
	text, err := json.Marshal(c.known)
	if err == nil {
		err = replaceFile(c.path, text)
	}
	if err != nil {
		c.log.Warn("which tools the servers offer could not be remembered", telemetry.KeyError, err)
	}
}

// replaceFile writes a file that only its owner reads, whole or not at all.
func replaceFile(path string, text []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name()) // what matters is why it could not be written
	}
	return err
}
