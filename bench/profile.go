package main

import (
	"fmt"
	"os"
	"runtime/pprof"
)

// profile writes a CPU profile of each drain of the engine, to tell where its
// time goes. Nil writes none.
type profile struct {
	path  string
	count int
	file  *os.File
}

func newProfile(path string) *profile {
	if path == "" {
		return nil
	}
	return &profile{path: path}
}

// resume begins the profile of one drain.
func (p *profile) resume() {
	if p == nil {
		return
	}
	p.count++
	file, err := os.Create(fmt.Sprintf("%s.%d", p.path, p.count))
	if err == nil {
		err = pprof.StartCPUProfile(file)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "no profile:", err)
		return
	}
	p.file = file
}

// pause ends it.
func (p *profile) pause() {
	if p == nil || p.file == nil {
		return
	}
	pprof.StopCPUProfile()
	_ = p.file.Close()
	p.file = nil
}
