package realtest

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

// Main runs the tests of a room and removes what Build has built for them. Its
// result is the status to exit with.
func Main(m *testing.M) int {
	w := shop()
	defer os.RemoveAll(w.dir)
	return m.Run()
}

// Build builds the command in a folder, which is given as the test sees it, and
// returns the path of the program. Each is built once, all beside each other.
func Build(t testing.TB, folder string) string {
	t.Helper()
	program, err := shop().build(folder)
	if err != nil {
		t.Fatal(err)
	}
	// The go command keeps the result of a test until a file that the test has
	// read changes: the sources of the command count as such.
	sources, _ := filepath.Glob(filepath.Join(folder, "*.go"))
	for _, source := range sources {
		if _, err := os.ReadFile(source); err != nil {
			t.Fatal(err)
		}
	}
	return program
}

// shop is the workshop of this test process.
var shop = sync.OnceValue(func() *workshop {
	w := &workshop{built: map[string]error{}}
	w.dir, w.err = os.MkdirTemp("", "ordinaut-")
	return w
})

// workshop is a folder of programs.
type workshop struct {
	dir   string
	err   error // why there is no folder
	mu    sync.Mutex
	built map[string]error // by program, with what went wrong
}

// build builds a command unless that has been tried before.
func (w *workshop) build(folder string) (program string, err error) {
	if w.err != nil {
		return "", w.err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	program = filepath.Join(w.dir, filepath.Base(folder))
	err, tried := w.built[program]
	if !tried {
		if out, failed := exec.Command("go", "build", "-o", program, folder).CombinedOutput(); failed != nil {
			err = fmt.Errorf("build %s: %w\n%s", folder, failed, out)
		}
		w.built[program] = err
	}
	return program, err
}
