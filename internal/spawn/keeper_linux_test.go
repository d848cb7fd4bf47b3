package spawn

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestWhatTheChildHasAbandonedEndsWithIt(t *testing.T) {
	t.Parallel()
	t.Run("when it is stopped", func(t *testing.T) {
		t.Parallel()
		w := newWitness(t)
		p := start(t, command(t, "abandon", w.path))
		<-w.seen
		stop(t, p, now(), 0)
		w.mustGo(t)
	})
	t.Run("when it ends by itself", func(t *testing.T) {
		t.Parallel()
		w := newWitness(t)
		p := start(t, command(t, "desert", w.path))
		<-p.Done()
		select {
		case <-w.seen: // it had come so far as to open the witness
			w.mustGo(t)
		default:
		}
	})
	t.Run("when it forks as fast as it can", func(t *testing.T) {
		t.Parallel()
		w := newWitness(t)
		p := start(t, command(t, "swarm", w.path))
		<-w.seen
		stop(t, p, now(), 0)
		w.mustGo(t)
	})
}

func TestNothingSurvivesUs(t *testing.T) {
	t.Parallel()
	w := newWitness(t)
	us := self("server", w.path)
	out, err := us.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := us.Start(); err != nil {
		t.Fatal(err)
	}
	defer us.Wait()
	defer us.Process.Kill()
	var keeper, child int
	var dir string
	if _, err := fmt.Fscanln(out, &keeper, &child, &dir); err != nil {
		t.Fatal(err)
	}
	keeperEnds, childEnds := ends(t, keeper), ends(t, child)
	<-w.seen
	if err := us.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	w.mustGo(t)
	keeperEnds()
	childEnds()
	if took := time.Since(began); took > time.Second {
		t.Errorf("it took %v until nothing was left, want at most a second", took)
	}
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the child's own folder: got %v, want it gone", err)
	}
}

// ends returns a function that waits for the end of a process.
func ends(t *testing.T, pid int) (wait func()) {
	t.Helper()
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		defer unix.Close(fd)
		if n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 5000); n == 0 {
			t.Errorf("process %d lives on, %v; want it gone", pid, err)
		}
	}
}

func TestAKilledKeeperTakesTheChildsGroupAlong(t *testing.T) {
	t.Parallel()
	w := newWitness(t)
	// The shell and what it starts in the background share a process group.
	p := start(t, Command{Path: "/bin/sh", Args: []string{"-c", "sleep 1000 >" + w.path + " & echo seen >" + w.path + "; wait"}, Env: Environ(nil)})
	<-w.seen
	if err := p.tree.keeper.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-p.Done()
	w.mustGo(t)
	if got := fmt.Sprint(p.Err()); !strings.Contains(got, "looks after it was killed") {
		t.Errorf("got %s, want that the keeper was killed", got)
	}
	if _, err := os.Stat(p.dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the child's own folder: got %v, want it gone", err)
	}
}

func TestTheKeeperIsDeafToSignals(t *testing.T) {
	t.Parallel()
	p := start(t, command(t, "cat"))
	for _, s := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP} {
		if err := p.tree.keeper.Process.Signal(s); err != nil {
			t.Fatal(err)
		}
	}
	fmt.Fprintln(p.Stdin, "alive")
	await(t, p.Stdout, "alive")
}

func TestAKeeperThatItsChildHasStoppedEndsItAllTheSame(t *testing.T) {
	t.Parallel()
	p := start(t, command(t, "stopper"))
	await(t, p.Stdout, "ready")
	stop(t, p, now(), 0)
}

func TestTheChildCannotGainRights(t *testing.T) {
	t.Parallel()
	p := start(t, Command{Path: "/bin/cat", Args: []string{"/proc/self/status"}})
	var status bytes.Buffer
	_, _ = status.ReadFrom(p.Stdout)
	if !strings.Contains(status.String(), "NoNewPrivs:\t1\n") {
		t.Errorf("got %s, want NoNewPrivs: 1", status.String())
	}
}

func TestChildrenAreFoundWithoutTheKernelsLists(t *testing.T) {
	t.Parallel()
	cmd := exec.Command("/bin/cat")
	if _, err := cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	for name, list := range map[string][]int{"by lists": children(), "by parent": childrenByParent(os.Getpid())} {
		if !slices.Contains(list, cmd.Process.Pid) {
			t.Errorf("%s: got %v, want %d in it", name, list, cmd.Process.Pid)
		}
	}
	if got := parentOf(cmd.Process.Pid); got != os.Getpid() {
		t.Errorf("got the parent %d, want %d", got, os.Getpid())
	}
	if got := parentOf(-1); got != 0 {
		t.Errorf("got the parent %d of no process, want 0", got)
	}
}
