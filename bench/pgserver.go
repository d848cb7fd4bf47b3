package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// A cluster is a PostgreSQL server, durable and with the settings that it has when
// nobody changes any.
type cluster struct {
	admin string // the address of a database to make others from
	pid   int    // of its first process
}

// inDatabase gives the work a database of its own, and drops it afterwards.
func (c cluster) inDatabase(ctx context.Context, work func(address string) (sample, error)) (s sample, err error) {
	admin, err := pgx.Connect(ctx, c.admin)
	if err != nil {
		return sample{}, err
	}
	defer admin.Close(context.WithoutCancel(ctx))
	name := "bench_" + strings.ReplaceAll(newID(), "-", "")
	if _, err := admin.Exec(ctx, "CREATE DATABASE "+name); err != nil {
		return sample{}, err
	}
	defer func() {
		_, dropped := admin.Exec(context.WithoutCancel(ctx), "DROP DATABASE "+name+" WITH (FORCE)")
		if err == nil {
			err = dropped
		}
	}()
	u, err := url.Parse(c.admin)
	if err != nil {
		return sample{}, err
	}
	u.Path = "/" + name
	return work(u.String())
}

// measured does the work and measures it, with the processor time of the server.
func (c cluster) measured(ops int, work func() error) (sample, error) {
	before, err := c.cpu()
	if err != nil {
		return sample{}, err
	}
	s, err := measured(ops, work)
	after, gone := c.cpu()
	if err == nil {
		err = gone
	}
	s.cpu += after - before
	return s, err
}

// cpu is the processor time that the server has used so far: its first process
// with those of its children that have ended, and those that live.
func (c cluster) cpu() (time.Duration, error) {
	total, err := used(c.pid, true)
	if err != nil {
		return 0, err
	}
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return 0, err
	}
	for _, path := range stats {
		pid, err := strconv.Atoi(strings.Split(path, "/")[2])
		if err != nil || parent(pid) != c.pid {
			continue
		}
		if d, err := used(pid, false); err == nil { // it may have ended meanwhile
			total += d
		}
	}
	return total, nil
}

// parent is the process that started another; 0 when there is no such process.
func parent(pid int) int {
	fields := stat(pid)
	if len(fields) < 2 {
		return 0
	}
	found, _ := strconv.Atoi(fields[1])
	return found
}

// used is the processor time of a process, and of its children that have ended.
func used(pid int, children bool) (time.Duration, error) {
	fields := stat(pid)
	if len(fields) < 15 {
		return 0, fmt.Errorf("process %d has no times", pid)
	}
	times := fields[11:13]
	if children {
		times = fields[11:15]
	}
	var total time.Duration
	for _, ticks := range times {
		n, err := strconv.ParseInt(ticks, 10, 64)
		if err != nil {
			return 0, err
		}
		total += time.Duration(n) * clockTick
	}
	return total, nil
}

// stat are the fields of a process behind its name, which may hold anything.
func stat(pid int) []string {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return nil
	}
	_, rest, _ := strings.Cut(string(text[strings.LastIndexByte(string(text), ')'):]), " ")
	return strings.Fields(rest)
}

// connect opens a pool of so many connections.
func connect(ctx context.Context, address string, connections int32) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(address)
	if err != nil {
		return nil, err
	}
	config.MaxConns = connections
	return pgxpool.NewWithConfig(ctx, config)
}
