//go:build unix

package spawn

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// command is the child of the name.
func command(t *testing.T, name string, args ...string) Command {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return Command{Path: path, Args: append([]string{"child", name}, args...)}
}

// start starts a command, and stops it when the test ends.
func start(t *testing.T, c Command) *Process {
	t.Helper()
	p, err := Start(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Stop(now()); err != nil {
			t.Errorf("stop: %v", err)
		}
	})
	return p
}

// now is a context that has ended: with it, Stop kills at once.
func now() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

// await waits for a line of the child.
func await(t *testing.T, r io.Reader, want string) {
	t.Helper()
	got, err := bufio.NewReader(r).ReadString('\n')
	if got = strings.TrimSuffix(got, "\n"); err != nil || got != want {
		t.Fatalf("the child says %q, %v; want %q", got, err, want)
	}
}

func TestWhatTheChildSaysAndHearsPasses(t *testing.T) {
	t.Parallel()
	p := start(t, command(t, "cat"))
	fmt.Fprintln(p.Stdin, "there")
	await(t, p.Stdout, "there")
	p.Stdin.Close()
	<-p.Done()
	if err := p.Err(); err != nil {
		t.Errorf("got %v, want no error", err)
	}
}

func TestTheChildGetsWhatTheCommandSaysAndNothingElse(t *testing.T) {
	t.Parallel()
	c := command(t, "describe", "; rm -rf /", "$(id) `id`", "two\nlines", "", "--flag=ü\xff")
	c.Env = []string{"ONE=1", "TWO=a\nb"}
	p := start(t, c)
	var got description
	if err := json.NewDecoder(p.Stdout).Decode(&got); err != nil {
		t.Fatal(err)
	}
	got.Dir = filepath.Base(got.Dir) // the way to it may lead through links
	want := description{
		Args: []string{"; rm -rf /", "$(id) `id`", "two\nlines", "", "--flag=ü\ufffd"}, Env: c.Env,
		Files: []string{"0", "1", "2"}, Dir: filepath.Base(p.dir), Leads: true,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what the child sees (-want +got):\n%s", diff)
	}
	<-p.Done()
	if _, err := os.Stat(p.dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the child's own folder: got %v, want it gone", err)
	}
}

func TestTheChildWorksInTheFolderThatIsNamed(t *testing.T) {
	t.Parallel()
	c := command(t, "describe")
	c.Dir = t.TempDir()
	p := start(t, c)
	var got description
	if err := json.NewDecoder(p.Stdout).Decode(&got); err != nil {
		t.Fatal(err)
	}
	if want, _ := filepath.EvalSymlinks(c.Dir); got.Dir != want {
		t.Errorf("got the folder %s, want %s", got.Dir, want)
	}
	<-p.Done()
	if _, err := os.Stat(c.Dir); err != nil {
		t.Errorf("the folder that was named: got %v, want it left alone", err)
	}
}

func TestTheChildIsBounded(t *testing.T) {
	t.Parallel()
	p := start(t, Command{Path: "/bin/sh", Args: []string{"-c", "ulimit -c; ulimit -n"}})
	var core, open int
	if _, err := fmt.Fscan(p.Stdout, &core, &open); err != nil || core != 0 || open != openFiles {
		t.Errorf("got %d and %d, %v; want no core dump and %d open files", core, open, err, openFiles)
	}
}

func TestErrSaysHowTheChildEnded(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, want string
		command    Command
	}{
		{"by itself", "the program ended with status 3", command(t, "exit", "3")},
		{"by a crash", "the program was ended by SIGSEGV (segmentation fault)", Command{Path: "/bin/sh", Args: []string{"-c", "kill -SEGV $$"}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := start(t, test.command)
			<-p.Done()
			var e *ordinaut.Error
			if !errors.As(p.Err(), &e) || e.Code != ordinaut.CodeToolEnded || e.Message != test.want {
				t.Errorf("got %v, want %q", p.Err(), test.want)
			}
		})
	}
}

func TestStop(t *testing.T) {
	t.Parallel()
	t.Run("asks first by closing the standard input", func(t *testing.T) {
		t.Parallel()
		p := start(t, command(t, "cat"))
		stop(t, p, t.Context(), 0)
		if err := p.Err(); err != nil {
			t.Errorf("got %v, want a child that ended by itself", err)
		}
	})
	t.Run("asks next by SIGTERM", func(t *testing.T) {
		t.Parallel()
		p := start(t, command(t, "polite"))
		await(t, p.Stdout, "ready")
		stop(t, p, t.Context(), limits.ToolStop)
		if got := fmt.Sprint(p.Err()); !strings.Contains(got, "status 7") {
			t.Errorf("got %s, want the status of a child that was asked", got)
		}
	})
	t.Run("kills who does not listen", func(t *testing.T) {
		t.Parallel()
		p := start(t, command(t, "deaf"))
		await(t, p.Stdout, "ready")
		if p.Err() != nil {
			t.Errorf("got %v of a child that runs, want nothing", p.Err())
		}
		stop(t, p, t.Context(), 2*limits.ToolStop)
		if got := fmt.Sprint(p.Err()); !strings.Contains(got, "SIGKILL") {
			t.Errorf("got %s, want a killed child", got)
		}
	})
	t.Run("kills at once when there is no time, and twice is fine", func(t *testing.T) {
		t.Parallel()
		p := start(t, command(t, "deaf"))
		await(t, p.Stdout, "ready")
		stop(t, p, now(), 0)
		stop(t, p, now(), 0)
	})
}

// slack is what a busy machine may add to any time.
const slack = 3 * time.Second

// stop stops a process, which must take so long.
func stop(t *testing.T, p *Process, ctx context.Context, want time.Duration) {
	t.Helper()
	began := time.Now()
	if err := p.Stop(ctx); err != nil {
		t.Errorf("stop: %v", err)
	}
	if took := time.Since(began); took < want || took > want+slack {
		t.Errorf("stopping took %v, want %v", took, want)
	}
}

func TestStandardErrorArrivesAsItComes(t *testing.T) {
	t.Parallel()
	var kept tail
	c := command(t, "flood")
	c.Stderr = &kept
	p := start(t, c)
	await(t, p.Stdout, "done")
	<-p.Done()
	if kept.size < limits.StderrBytes || !strings.HasSuffix(string(kept.last), "last words") {
		t.Errorf("got %d bytes that end in %q, want the last words", kept.size, kept.last)
	}
}

// tail keeps the last that is written to it.
type tail struct {
	size int
	last []byte
}

func (w *tail) Write(p []byte) (int, error) {
	w.size, w.last = w.size+len(p), bytes.Clone(p)
	return len(p), nil
}

// TestASlowListenerStopsNobody floods a writer that takes nothing. The flood is a
// hundred times what may wait for the writer.
func TestASlowListenerStopsNobody(t *testing.T) {
	t.Parallel()
	listener, told := io.Pipe()
	c := command(t, "flood")
	c.Stderr = told
	p := start(t, c)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	await(t, p.Stdout, "done")
	runtime.ReadMemStats(&after)
	listener.Close()
	if grown := int64(after.HeapInuse) - int64(before.HeapInuse); grown > 32<<20 {
		t.Errorf("the heap has grown by %d MiB, want a bound", grown>>20)
	}
}

// TestNothingOfOursLeaks starts and stops fifty children at once, which must
// leave no file, no goroutine and no folder. It runs alone, as it counts.
func TestNothingOfOursLeaks(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	files, routines := openNow(t), runtime.NumGoroutine()
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			p, err := Start(t.Context(), Command{Path: "/bin/cat"})
			if err != nil {
				t.Error(err)
				return
			}
			fmt.Fprintln(p.Stdin, i)
			var back int
			if _, err := fmt.Fscanln(p.Stdout, &back); err != nil || back != i {
				t.Errorf("got %d, %v; want %d", back, err, i)
			}
			if err := p.Stop(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got := openNow(t); got != files {
		t.Errorf("%d files are open, want the %d of before", got, files)
	}
	if left, _ := os.ReadDir(os.TempDir()); len(left) > 0 {
		t.Errorf("%d folders are left, want none", len(left))
	}
	// A goroutine that has closed its channel ends a moment after.
	limit := time.After(slack)
	for runtime.NumGoroutine() > routines {
		select {
		case <-limit:
			t.Fatalf("%d goroutines run, want the %d of before", runtime.NumGoroutine(), routines)
		case <-time.After(time.Millisecond):
		}
	}
}

func openNow(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir(openFilesDir)
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

// witness is a named pipe that processes hold open as long as they live.
type witness struct {
	path string
	seen chan string // what one of them writes first
	gone chan struct{}
}

func newWitness(t *testing.T) witness {
	t.Helper()
	w := witness{filepath.Join(t.TempDir(), "witness"), make(chan string, 1), make(chan struct{})}
	if err := syscall.Mkfifo(w.path, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// When nobody has opened it, our goroutine still waits for the first.
		if f, err := os.OpenFile(w.path, os.O_WRONLY|syscall.O_NONBLOCK, 0); err == nil {
			f.Close()
		}
		<-w.gone
	})
	go func() {
		defer close(w.gone)
		f, err := os.Open(w.path) // returns when the first process opens it
		if err != nil {
			t.Error(err)
			return
		}
		defer f.Close()
		r := bufio.NewReader(f)
		line, _ := r.ReadString('\n')
		w.seen <- line
		_, _ = io.Copy(io.Discard, r)
	}()
	return w
}

// mustGo fails when processes are left after a second.
func (w witness) mustGo(t *testing.T) {
	t.Helper()
	select {
	case <-w.gone:
	case <-time.After(time.Second):
		t.Error("processes are left after a second, want none")
	}
}

func TestStartTellsWhatIsWrong(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string, mode fs.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("filesystem-server", "#!/bin/sh\n", 0o700)
	plain := write("plain", "text", 0o600)
	path := []string{"PATH=/nowhere", "PATH=relative:" + dir}
	tests := []struct {
		name, message, fix string
		command            Command
	}{
		{"a program that is near another", "the program filesystem-sever was not found in PATH", "did you mean filesystem-server? Otherwise install it, or write the whole path in command; PATH is relative:" + dir, Command{Path: "filesystem-sever", Env: path}},
		{"a program that is near none", "the program zzz was not found in PATH", "install it, or write the whole path in command; PATH is relative:" + dir, Command{Path: "zzz", Env: path}},
		{"no PATH", "the program cat was not found, as its environment has no PATH", "write the whole path in command, or set PATH in env", Command{Path: "cat"}},
		{"no program", "no program is named", "name the program in command", Command{}},
		{"a path that is not there", "there is no file /no/such", "install the program, or mend the path in command", Command{Path: "/no/such"}},
		{"a path that begins nowhere", "./plain is a relative path, and no folder is named that it begins in", "write the whole path in command, or name the folder in cwd", Command{Path: "./plain"}},
		{"a file that is no program", "./plain is not executable", "make it executable with chmod +x, or name the program that runs it in command", Command{Path: "./plain", Dir: dir}},
		{"a folder", dir + " is not a program", "name a program in command", Command{Path: dir}},
		{"a folder that is not there", "the folder /no/such is not there", "make the folder, or name another in cwd", Command{Path: "/bin/cat", Dir: "/no/such"}},
		{"a file as the folder", "the folder " + plain + " is not there", "make the folder, or name another in cwd", Command{Path: "/bin/cat", Dir: plain}},
		{"no interpreter", "./script cannot run, as the interpreter that it names is not there", "install the interpreter that its first line names", Command{Path: "./script", Dir: filepath.Dir(write("script", "#!/no/such\n", 0o700))}},
		{"an interpreter that may not run", "./locked may not be executed", "make it and its interpreter executable, on a disk that allows programs", Command{Path: "./locked", Dir: filepath.Dir(write("locked", "#!"+plain+"\n", 0o700))}},
		{"text", "./text is not a program of this system", "name a program for this system, or a script whose first line begins with #!", Command{Path: "./text", Dir: filepath.Dir(write("text", "hello", 0o700))}},
		{"too many arguments", "the arguments and variables of /bin/cat are longer than the system takes", "shorten args and env", Command{Path: "/bin/cat", Args: []string{strings.Repeat("x", 4<<20)}}},
		{"a NUL character", "an argument or variable of it holds a NUL character", "leave the NUL character out of command, args, cwd and env", Command{Path: "/bin/cat", Args: []string{"a\x00b"}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := Start(t.Context(), test.command)
			var e *ordinaut.Error
			if !errors.As(err, &e) || e.Code != ordinaut.CodeToolStart {
				t.Fatalf("got %v, want %s", err, ordinaut.CodeToolStart)
			}
			if diff := cmp.Diff([]string{test.message, test.fix}, []string{e.Message, e.Fix}); diff != "" {
				t.Errorf("message and fix (-want +got):\n%s", diff)
			}
		})
	}
}

func TestARelativeProgramBeginsInTheFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "hello"), []byte("#!/bin/sh\necho $0\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	p := start(t, Command{Path: "./hello", Dir: dir})
	await(t, p.Stdout, filepath.Join(dir, "hello"))
}

func TestStartGivesUpWhenItsContextEnds(t *testing.T) {
	t.Parallel()
	c := command(t, "deaf")
	if _, err := Start(now(), c); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}

// TestABinaryThatIsAKeeperStartsNoOther is about binaries that do not call Main:
// without an end, each of them would start the next.
func TestABinaryThatIsAKeeperStartsNoOther(t *testing.T) {
	t.Parallel()
	p := start(t, command(t, "keeper", "of nothing"))
	await(t, p.Stdout, "start /bin/cat: "+errNoKeeper.Error())
}

func TestEnvironLetsFewThrough(t *testing.T) {
	t.Parallel()
	ours := []string{
		"PATH=/bin", "HOME=/h/a", "LANG=C", "LC_ALL=C", "TZ=UTC", "TMPDIR=/tmp", "XDG_CONFIG_HOME=/x", "ODD",
		"AWS_SECRET_ACCESS_KEY=s", "HTTP_PROXY=p", "LD_PRELOAD=l", "NODE_OPTIONS=n", "npm_config_x=y", "ORDINAUT_DATA_DIR=d", "PATHS=/no", "=C:=C:\\",
	}
	got := environ(ours, map[string]string{"TOKEN": "t=1", "TZ": "Asia/Tokyo"})
	want := []string{"HOME=/h/a", "LANG=C", "LC_ALL=C", "PATH=/bin", "TMPDIR=/tmp", "TOKEN=t=1", "TZ=Asia/Tokyo", "XDG_CONFIG_HOME=/x"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("environment (-want +got):\n%s", diff)
	}
	if got := Environ(nil); !slices.Contains(got, "PATH="+os.Getenv("PATH")) {
		t.Errorf("got %q, want our PATH in it", got)
	}
}
