//go:build unix

package services

import (
	"fmt"
	"os"
	"os/exec"
	osuser "os/user"
	"strconv"
	"syscall"
)

// user is who runs the servers: PostgreSQL refuses to run as root. Its zero value
// is whoever runs the tests.
type user struct {
	other    bool
	uid, gid int
}

// serverUser is a user who is not root.
func serverUser() (user, error) {
	if os.Getuid() != 0 {
		return user{}, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		found, err := osuser.Lookup(name)
		if err != nil {
			continue
		}
		uid, _ := strconv.Atoi(found.Uid)
		gid, _ := strconv.Atoi(found.Gid)
		return user{true, uid, gid}, nil
	}
	return user{}, fmt.Errorf("PostgreSQL does not run as root, and there is neither a user postgres nor a user nobody")
}

// own makes a file or folder theirs.
func (u user) own(path string) error {
	if !u.other {
		return nil
	}
	return os.Chown(path, u.uid, u.gid)
}

// command is a command of theirs.
func (u user) command(dir, program string, args ...string) *exec.Cmd {
	cmd := exec.Command(program, args...)
	cmd.Dir = dir
	if u.other {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(u.uid), Gid: uint32(u.gid)}}
	}
	return cmd
}
