package spawn

import (
	"bytes"
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

const openFilesDir = "/proc/self/fd"

// executable is our own binary, even when the file has been replaced meanwhile.
func executable() (string, error) { return "/proc/self/exe", nil }

// adopt makes the keeper the parent of all that its child abandons, and keeps
// the child from gaining rights by programs that have more.
func adopt() error {
	// Without it, lists of processes would call it exe.
	_ = os.WriteFile("/proc/self/comm", []byte(keeperName), 0)
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return err
	}
	return unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
}

// attributes are those of the child: should the keeper be killed, it is too.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGKILL}
}

// children lists the processes whose parent we are.
func children() (pids []int) {
	lists, _ := filepath.Glob("/proc/self/task/*/children")
	if len(lists) == 0 {
		return childrenByParent(os.Getpid())
	}
	for _, list := range lists {
		text, _ := os.ReadFile(list)
		for _, field := range bytes.Fields(text) {
			if pid, err := strconv.Atoi(string(field)); err == nil {
				pids = append(pids, pid)
			}
		}
	}
	return pids
}

// childrenByParent is children for a kernel that keeps no lists of them. It
// looks at the youngest first: one that forks and ends, over and over, is among
// them, and gone a moment later.
func childrenByParent(parent int) (pids []int) {
	entries, _ := os.ReadDir("/proc")
	var all []int
	for _, entry := range entries {
		if pid, err := strconv.Atoi(entry.Name()); err == nil {
			all = append(all, pid)
		}
	}
	slices.SortFunc(all, func(a, b int) int { return cmp.Compare(b, a) })
	for _, pid := range all {
		if parentOf(pid) == parent {
			pids = append(pids, pid)
		}
	}
	return pids
}

// parentOf reads the parent of a process from proc_pid_stat(5): the second field
// after the name, which stands in parentheses and may hold some itself. It is 0
// when there is no such process.
func parentOf(pid int) int {
	text, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	fields := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
	if len(fields) < 2 {
		return 0
	}
	parent, _ := strconv.Atoi(string(fields[1]))
	return parent
}
