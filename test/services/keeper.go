package services

import (
	_ "embed"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
)

// keeperScript ends what we leave behind.
//
//go:embed keeper.sh
var keeperScript string

// keeper is a folder for servers and a process that looks after them: when this
// process has ended it kills what still runs there, and removes the folder.
type keeper struct {
	dir string
	cmd *exec.Cmd
	in  io.Closer // the end of its input is the end of this process
}

// keeping is the keeper of this test process.
var keeping = sync.OnceValues(func() (*keeper, error) {
	dir, err := os.MkdirTemp("", "ordinaut-services-")
	if err != nil {
		return nil, err
	}
	k := &keeper{dir: dir, cmd: exec.Command("sh", "-c", keeperScript, "keeper", dir)}
	// Servers work under another user than root.
	if err := os.Chmod(dir, 0o755); err != nil {
		return nil, err
	}
	if k.in, err = k.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if err := k.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the keeper of %s: %w", dir, err)
	}
	return k, nil
})

// folder makes a new folder that belongs to the user of the servers.
func (k *keeper) folder(name string, u user) (string, error) {
	dir, err := os.MkdirTemp(k.dir, name+"-")
	if err != nil {
		return "", err
	}
	return dir, u.own(dir)
}

// note writes down which process the keeper is to kill.
func (k *keeper) note(dir string, pid int) error {
	return os.WriteFile(filepath.Join(dir, "pid"), fmt.Appendln(nil, pid), 0o600)
}

// forget says that it has ended.
func (k *keeper) forget(dir string) { _ = os.Remove(filepath.Join(dir, "pid")) }
