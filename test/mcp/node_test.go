package mcp

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/gofrs/flock"
)

// node is what was installed from npm.
type node struct {
	bin     string // Node.js, new enough for all of it
	modules string // the folder node_modules
}

// oldest is the major version of Node.js that the conformance suite needs.
const oldest = 22

// installed installs what the lock file in the folder npm names, if that is not
// done yet.
var installed = sync.OnceValues(func() (node, error) {
	dir, err := filepath.Abs("npm")
	if err != nil {
		return node{}, err
	}
	lock := flock.New(filepath.Join(dir, "install.lock"))
	if err := lock.Lock(); err != nil {
		return node{}, err
	}
	defer lock.Unlock()
	if err := install(dir); err != nil {
		return node{}, err
	}
	n := node{modules: filepath.Join(dir, "node_modules")}
	n.bin, err = newNode(n.modules)
	return n, err
})

// install runs npm, unless it has run since the lock file last changed.
func install(dir string) error {
	want, err := stamp(dir)
	if err != nil {
		return err
	}
	file := filepath.Join(dir, "node_modules", ".ordinaut")
	if got, err := os.ReadFile(file); err == nil && string(got) == want {
		return nil
	}
	npm, err := exec.LookPath("npm")
	if err != nil {
		return fmt.Errorf("these tests call MCP servers from npm, and npm is missing (%w): run make node", err)
	}
	ci := exec.Command(npm, "ci")
	ci.Dir = dir
	if out, err := ci.CombinedOutput(); err != nil {
		return fmt.Errorf("npm ci in %s: %w\n%s", dir, err, out)
	}
	return os.WriteFile(file, []byte(want), 0o600)
}

// stamp is a hash of what npm installs from.
func stamp(dir string) (string, error) {
	sum := sha256.New()
	for _, name := range []string{"package.json", "package-lock.json"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return "", err
		}
		sum.Write(text)
	}
	return fmt.Sprintf("%x\n", sum.Sum(nil)), nil
}

// newNode finds a Node.js that is new enough: npm installs one where it has one
// for the system, and else it is that of the system.
func newNode(modules string) (string, error) {
	var faults []error
	candidates, err := filepath.Glob(filepath.Join(modules, "node-*", "bin", "node"))
	if err != nil {
		return "", err
	}
	if system, err := exec.LookPath("node"); err == nil {
		candidates = append(candidates, system)
	}
	for _, bin := range candidates {
		out, err := exec.Command(bin, "--version").Output()
		major, _, _ := strings.Cut(strings.TrimPrefix(string(out), "v"), ".")
		if n, _ := strconv.Atoi(major); err == nil && n >= oldest {
			return bin, nil
		}
		faults = append(faults, fmt.Errorf("%s says %q, %v", bin, out, err))
	}
	return "", fmt.Errorf("Node.js %d or newer is needed: %w", oldest, errors.Join(faults...))
}

// fromNPM is the node that has everything.
func fromNPM(t *testing.T) node {
	t.Helper()
	n, err := installed()
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// server is the entry of a catalog file for a server from npm.
func (n node) server(name string, args ...string) map[string]any {
	return map[string]any{"command": n.bin, "args": append([]string{n.script("server-" + name)}, args...)}
}

// script is the program of a package of the protocol's project.
func (n node) script(name string) string {
	return filepath.Join(n.modules, "@modelcontextprotocol", name, "dist", "index.js")
}
