package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// clockTick is the unit in which Linux tells the processor time of a process; it
// is the same on every system that Go runs on.
const clockTick = 10 * time.Millisecond

// memory is how much of the process lies in memory, and how much of that no
// file backs, in MiB.
func (d *dev) memory() (resident, anonymous float64, err error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", d.cmd.Process.Pid))
	if err != nil {
		return 0, 0, err
	}
	if resident, err = mebibytes(string(text), "Rss:"); err != nil {
		return 0, 0, err
	}
	anonymous, err = mebibytes(string(text), "Anonymous:")
	return resident, anonymous, err
}

// mebibytes reads one line of smaps_rollup.
func mebibytes(text, name string) (float64, error) {
	for line := range strings.Lines(text) {
		if f := strings.Fields(line); len(f) == 3 && f[0] == name {
			kib, err := strconv.ParseFloat(f[1], 64)
			return kib / 1024, err
		}
	}
	return 0, fmt.Errorf("there is no %s in %q", name, text)
}

// cpu is the processor time that the process has used so far.
func (d *dev) cpu() (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", d.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	return usedTime(string(text))
}

// usedTime adds user and system time, the 14th and 15th fields of stat. The
// second is the name of the program, in brackets, and may hold anything.
func usedTime(stat string) (time.Duration, error) {
	fields := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:])
	if len(fields) < 13 {
		return 0, fmt.Errorf("stat is too short: %q", stat)
	}
	user, err := strconv.ParseInt(fields[11], 10, 64)
	if err != nil {
		return 0, err
	}
	system, err := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * clockTick, err
}
