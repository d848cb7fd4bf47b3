//go:build unix

package spawn

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"strconv"
	"syscall"
)

// A keeper is known by the name it is started under. It reads orders and writes
// reports at fixed places.
const (
	keeperName = "ordinaut-keeper"
	ordersFD   = 3
	reportsFD  = 4

	orderAsk = 't' // ask the child to end; the end of the orders means kill

	reportStarted = "started" // with the child's process id
	reportFailed  = "failed"  // with the number of the system's error
	reportEnded   = "ended"   // with the child's wait status
)

// openFiles is how many files a child may have open, unless it asks for more.
const openFiles = 4096

// Main is the keeper. It must be the first thing that main and TestMain call:
// in a process that was started as a keeper it does its work and exits, in any
// other it returns at once.
func Main() {
	if !isKeeper() {
		return
	}
	// The child is told of the end of the thread that has started it, so that
	// thread must live as long as the keeper does.
	runtime.LockOSThread()
	k := keeper{
		orders:  read(os.NewFile(ordersFD, "orders")),
		reports: os.NewFile(reportsFD, "reports"),
		deaths:  make(chan os.Signal, 1),
	}
	// There is nothing to flush, and os.Exit would let the race detector linger.
	syscall.Exit(k.keep(os.Args[1], os.Args[2], os.Args[3:]))
}

func isKeeper() bool { return len(os.Args) > 3 && os.Args[0] == keeperName }

// keeper looks after one child.
type keeper struct {
	orders  <-chan byte
	reports *os.File
	deaths  chan os.Signal // something has ended
	child   int            // its process id, and that of its group and session
	status  syscall.WaitStatus
}

// read reads single bytes until the end.
func read(f *os.File) <-chan byte {
	bytes := make(chan byte)
	go func() {
		defer close(bytes)
		one := make([]byte, 1)
		for {
			if _, err := f.Read(one); err != nil {
				return
			}
			bytes <- one[0]
		}
	}()
	return bytes
}

// keep starts the child, waits for its end or the order to end it, and leaves
// nothing of it.
func (k *keeper) keep(dir, path string, argv []string) int {
	if dir != "" {
		defer os.RemoveAll(dir) // we do it even when nobody waits for us any more
	}
	if err := k.start(path, argv); err != nil {
		errno, _ := errors.AsType[syscall.Errno](err)
		k.report(reportFailed, int(errno))
		return 1
	}
	k.report(reportStarted, k.child)
	for !k.reap() {
		select {
		case <-k.deaths:
		case _, ok := <-k.orders:
			if ok {
				k.signal(syscall.SIGTERM)
				continue
			}
			k.orders = nil
			k.signal(syscall.SIGKILL)
		}
	}
	endAll(k.child)
	k.report(reportEnded, int(k.status))
	return 0
}

// start starts the child in a session of its own, which leaves behind whatever
// terminal we have. It inherits nothing but its standard files.
func (k *keeper) start(path string, argv []string) error {
	signal.Notify(k.deaths, syscall.SIGCHLD)
	// Nobody but the pipe says when to end: a service manager that asks all
	// processes at once would end the child in the middle of its work.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	if err := hideFiles(); err != nil {
		return err
	}
	if err := restrict(); err != nil {
		return err
	}
	attr := &syscall.ProcAttr{Env: os.Environ(), Files: []uintptr{0, 1, 2}, Sys: attributes()}
	pid, err := syscall.ForkExec(path, argv, attr)
	if err != nil {
		return err
	}
	k.child = pid
	// As long as we hold them, nobody sees that the child has closed them.
	for _, f := range []*os.File{os.Stdin, os.Stdout, os.Stderr} {
		_ = f.Close()
	}
	return nil
}

// hideFiles keeps our own open files, and those that whoever started us forgot
// to close, from the child.
func hideFiles() error {
	open, err := os.ReadDir(openFilesDir)
	for _, entry := range open {
		if fd, err := strconv.Atoi(entry.Name()); err == nil && fd > 2 {
			syscall.CloseOnExec(fd)
		}
	}
	return err
}

// restrict sets the bounds of the child, which inherits them. There is none on
// the address space, as some runtimes reserve far more than they use.
func restrict() error {
	if err := syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{}); err != nil {
		return err
	}
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err != nil {
		return err
	}
	files.Cur = min(files.Max, openFiles)
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &files); err != nil {
		return err
	}
	return adopt()
}

// report tells what has happened to whoever still listens.
func (k *keeper) report(word string, number int) { _, _ = fmt.Fprintln(k.reports, word, number) }

// signal signals the child's process group. The child has not been waited for,
// so the number is still its own.
func (k *keeper) signal(s syscall.Signal) { _ = syscall.Kill(-k.child, s) }

// reap takes note of all that has ended, and says whether the child is among it.
func (k *keeper) reap() (ended bool) {
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, syscall.WNOHANG, nil)
		switch {
		case err == syscall.EINTR:
		case pid <= 0:
			return ended
		case pid == k.child:
			ended, k.status = true, status
		}
	}
}

// endAll ends what the child has left: first its process group, which cannot
// fork past it, then whatever has become ours, until nothing is. Whose parent
// ends becomes ours, so each round finds what the last has bared.
func endAll(group int) {
	_ = syscall.Kill(-group, syscall.SIGKILL)
	for {
		for _, pid := range children() {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		_, err := syscall.Wait4(-1, nil, 0, nil)
		for err == nil {
			var pid int
			if pid, err = syscall.Wait4(-1, nil, syscall.WNOHANG, nil); pid == 0 {
				break
			}
		}
		if err == syscall.ECHILD {
			return
		}
	}
}
