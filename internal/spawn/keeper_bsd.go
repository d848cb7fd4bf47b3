//go:build unix && !linux

package spawn

import (
	"os"
	"syscall"
)

const openFilesDir = "/dev/fd"

func executable() (string, error) { return os.Executable() }

// adopt has nothing to do where no process can adopt others.
func adopt() error { return nil }

func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }

// children knows none but the child, which has ended when it is asked.
func children() []int { return nil }
