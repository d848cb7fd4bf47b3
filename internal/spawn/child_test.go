//go:build unix

package spawn

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestMain makes three programs of one: the tests, the keeper, and the children
// that the tests start.
func TestMain(m *testing.M) {
	Main()
	if len(os.Args) > 2 && os.Args[1] == "child" {
		syscall.Exit(child(os.Args[2], os.Args[3:])) // os.Exit lets the race detector linger
	}
	os.Exit(m.Run())
}

// child does what its name says.
func child(name string, args []string) int {
	switch name {
	case "describe":
		return describeSelf(args)
	case "cat":
		_, _ = io.Copy(os.Stdout, os.Stdin)
		return 0
	case "exit":
		status, _ := strconv.Atoi(args[0])
		return status
	case "deaf":
		signal.Ignore(syscall.SIGTERM)
		return ready()
	case "stopper":
		_ = syscall.Kill(os.Getppid(), syscall.SIGSTOP)
		return ready()
	case "polite":
		return polite()
	case "flood":
		return flood()
	case "linger":
		return linger(args[0])
	case "abandon":
		return abandon(args[0])
	case "desert":
		abandoned(args[0])
		return 0
	case "hop":
		return hop()
	case "swarm":
		return swarm(args[0])
	case "keeper":
		os.Args[0] = keeperName
		_, err := Start(context.Background(), Command{Path: "/bin/cat"})
		fmt.Println(err)
		return 0
	case "server":
		return server(args[0])
	}
	return 99
}

// ready says so and lives on, whatever happens to its standard input.
func ready() int {
	fmt.Println("ready")
	return wait()
}

// wait waits until it is killed.
func wait() int {
	<-time.After(time.Hour)
	return 1
}

// self is the child of the name, to be started the ordinary way.
func self(name string, args ...string) *exec.Cmd {
	cmd := exec.Command("/proc/self/exe", append([]string{"child", name}, args...)...)
	if path, err := os.Executable(); err == nil {
		cmd.Path = path
	}
	return cmd
}

// description is what a child finds when it looks around.
type description struct {
	Args, Env, Files []string
	Dir              string
	InDir            int
	Leads            bool // its session and process group
}

func describeSelf(args []string) int {
	d := description{Args: args, Env: os.Environ()}
	d.Dir, _ = os.Getwd()
	entries, _ := os.ReadDir(".")
	d.InDir = len(entries)
	open, _ := filepath.Glob(openFilesDir + "/*")
	for _, file := range open {
		// The files of the Go runtime are this process's own.
		if to, err := os.Readlink(file); err == nil && !strings.HasPrefix(to, "anon_inode:") && !strings.HasPrefix(to, "/sys/") {
			d.Files = append(d.Files, filepath.Base(file))
		}
	}
	session, _, _ := syscall.RawSyscall(syscall.SYS_GETSID, 0, 0, 0)
	d.Leads = int(session) == os.Getpid() && syscall.Getpgrp() == os.Getpid()
	_ = json.NewEncoder(os.Stdout).Encode(d)
	return 0
}

// polite ends when it is asked to, and not before.
func polite() int {
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGTERM)
	fmt.Println("ready")
	<-asked
	return 7
}

const flooded = 100 << 20

func flood() int {
	line := []byte(strings.Repeat("x", 16<<10-1) + "\n")
	for range flooded / len(line) {
		_, _ = os.Stderr.Write(line)
	}
	fmt.Fprint(os.Stderr, "last words")
	fmt.Println("done")
	return 0
}

// linger lives on, deaf to everything, and holds the witness open meanwhile.
func linger(witness string) int {
	signal.Ignore(syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
	w, err := os.OpenFile(witness, os.O_WRONLY, 0)
	if err != nil {
		return 1
	}
	fmt.Fprintln(w, os.Getpid())
	return wait()
}

// abandoned starts a child that starts another, in a session of its own, and
// leaves it.
func abandoned(witness string) {
	cmd := self("linger", witness)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	_ = cmd.Start()
}

// abandon lives on beside a grandchild whose parent has left it.
func abandon(witness string) int {
	if err := self("desert", witness).Run(); err != nil {
		return 1
	}
	return ready()
}

// hop moves on into a new process in a new session, over and over, and holds
// whatever it has as standard output.
func hop() int {
	cmd := self("hop")
	cmd.Stdout = os.Stdout
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return 1
	}
	return 0
}

// swarm begins some hops and lives on.
func swarm(witness string) int {
	w, err := os.OpenFile(witness, os.O_WRONLY, 0)
	if err != nil {
		return 1
	}
	for range 4 {
		cmd := self("hop")
		cmd.Stdout = w
		_ = cmd.Run()
	}
	fmt.Fprintln(w, "swarming")
	w.Close()
	return ready()
}

// server starts a child as we do, tells the process ids of the keeper and of the
// child, and lives on.
func server(witness string) int {
	p, err := Start(context.Background(), Command{Path: os.Args[0], Args: []string{"child", "abandon", witness}})
	if err != nil {
		fmt.Println(err)
		return 1
	}
	_, _ = p.Stdout.Read(make([]byte, len("ready\n")))
	fmt.Println(p.tree.keeper.Process.Pid, p.tree.group, p.dir)
	return wait()
}
