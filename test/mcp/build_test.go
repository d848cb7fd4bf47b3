package mcp

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	// What is tested is built anew, and a result of the last build must not be
	// taken for one of this: the test depends on what the binary is made of.
	_ "github.com/ordinaut/ordinaut/internal/server"
)

// bin is the folder for what the tests start.
var bin string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		var err error
		if bin, err = os.MkdirTemp("", "ordinaut-mcp-"); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(bin)
		return m.Run()
	}())
}

// builds are what the tests start, each built when it is first needed.
var builds = map[string]func() error{
	"ordinaut":           build("cmd/ordinaut"),
	"desk":               build("test/mcp/desk"),
	"conformance-client": build("test/mcp/conformance-client"),
}

// build gives a function that builds a folder of this module, once.
func build(folder string) func() error {
	return sync.OnceValue(func() error {
		cmd := exec.Command("go", "build", "-o", bin+string(filepath.Separator), "github.com/ordinaut/ordinaut/"+folder)
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("build %s: %w\n%s", folder, err, out)
		}
		return nil
	})
}

// program is the path of a program that was built.
func program(t *testing.T, name string) string {
	t.Helper()
	if err := builds[name](); err != nil {
		t.Fatal(err)
	}
	// The go command keeps the result of a test until a file that the test has
	// read changes: the sources in a folder beside this file count as such.
	sources, err := filepath.Glob(filepath.Join(name, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range sources {
		if _, err := os.ReadFile(path); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(bin, name)
}
