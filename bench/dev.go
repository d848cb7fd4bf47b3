package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// How `ordinaut dev` is measured.
const (
	devStarts   = 10
	devSettle   = 5 * time.Second  // after the start, before its memory is read
	devIdle     = 10 * time.Second // how long the idle process is watched
	devTasks    = 200
	devReadyIn  = 30 * time.Second
	devPoll     = time.Millisecond
	moduleUnder = "github.com/ordinaut/ordinaut"
)

// devFigures are what `ordinaut dev` costs.
type devFigures struct {
	binary    int64     // bytes
	first     []float64 // milliseconds to ready, in an empty folder
	again     []float64 // milliseconds to ready, in a folder that was used before
	resident  float64   // MiB, idle
	anonymous float64   // MiB of it that no file backs
	idle      float64   // percent of a processor, with idle tasks
}

// measureDev builds the binary as it is released, and starts it again and again.
func measureDev(ctx context.Context, dir string) (devFigures, error) {
	var f devFigures
	binary := filepath.Join(dir, "ordinaut")
	if err := build(ctx, binary); err != nil {
		return f, err
	}
	info, err := os.Stat(binary)
	if err != nil {
		return f, err
	}
	f.binary = info.Size()
	for i := range devStarts {
		data := filepath.Join(dir, fmt.Sprint("data", i))
		for _, took := range []*[]float64{&f.first, &f.again} {
			d, err := startDev(ctx, binary, data)
			if err != nil {
				return f, err
			}
			*took = append(*took, float64(d.took.Microseconds())/1000)
			if err := d.stop(); err != nil {
				return f, err
			}
		}
	}
	return f, f.measureIdle(ctx, binary, filepath.Join(dir, "idle"))
}

// measureIdle watches a process that has nothing to do.
func (f *devFigures) measureIdle(ctx context.Context, binary, data string) error {
	d, err := startDev(ctx, binary, data)
	if err != nil {
		return err
	}
	defer d.stop()
	time.Sleep(devSettle)
	if f.resident, f.anonymous, err = d.memory(); err != nil {
		return err
	}
	for i := range devTasks {
		if err := d.create(ctx, oneStep(fmt.Sprint("Idle ", i), "cron", "0 0 1 1 *")); err != nil {
			return err
		}
	}
	time.Sleep(time.Second)
	before, err := d.cpu()
	if err != nil {
		return err
	}
	time.Sleep(devIdle)
	after, err := d.cpu()
	f.idle = 100 * (after - before).Seconds() / devIdle.Seconds()
	return err
}

// build makes the binary as it is released: static and stripped.
func build(ctx context.Context, to string) error {
	root, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", moduleUnder).Output()
	if err != nil {
		return fmt.Errorf("find the module: %w", err)
	}
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", to, "./cmd/ordinaut")
	cmd.Dir = strings.TrimSpace(string(root))
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if said, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build: %w\n%s", err, said)
	}
	return nil
}

// dev is a running `ordinaut dev`.
type dev struct {
	cmd   *exec.Cmd
	url   string
	data  string
	said  bytes.Buffer
	took  time.Duration // from the start of the process to ready
	ended chan error
}

// startDev starts the binary and waits until it is ready.
func startDev(ctx context.Context, binary, data string) (*dev, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	d := &dev{url: "http://" + address, data: data, ended: make(chan error, 1)}
	d.cmd = exec.CommandContext(ctx, binary, "dev", "--data-dir", data, "--listen", address)
	d.cmd.Stdout, d.cmd.Stderr = &d.said, &d.said
	began := time.Now()
	if err := d.cmd.Start(); err != nil {
		return nil, err
	}
	go func() { d.ended <- d.cmd.Wait() }()
	if err := d.awaitReady(); err != nil {
		return nil, errors.Join(err, d.stop(), errors.New(d.said.String()))
	}
	d.took = time.Since(began)
	return d, nil
}

// freeAddress is an address that nobody listens on.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

func (d *dev) awaitReady() error {
	poll := time.NewTicker(devPoll)
	defer poll.Stop()
	late := time.After(devReadyIn)
	for {
		answer, err := http.Get(d.url + "/readyz")
		if err == nil {
			answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-poll.C:
		case err := <-d.ended:
			d.ended <- err
			return fmt.Errorf("it ended before it was ready: %w", err)
		case <-late:
			return fmt.Errorf("it was not ready within %s", devReadyIn)
		}
	}
}

// stop asks it to end, and waits until it has.
func (d *dev) stop() error {
	// It may have ended by itself; what it ended with comes out below.
	_ = d.cmd.Process.Signal(syscall.SIGTERM)
	err := <-d.ended
	d.ended <- err
	return err
}

// create makes a task over HTTP.
func (d *dev) create(ctx context.Context, task string) error {
	key, err := os.ReadFile(filepath.Join(d.data, "admin.key"))
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, d.url+"/v1/tasks", strings.NewReader(task))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(key)))
	req.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusCreated {
		return fmt.Errorf("create a task: %s", answer.Status)
	}
	return nil
}
