//go:build unix

package main

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"
)

// processes misbehave as programs do.
func processes() map[string]behaviour {
	return map[string]behaviour{
		"deaf":         {start: deaf, call: func(*server, request) { hang() }},
		"orphans":      {start: orphans, call: mute},
		"hops":         {start: hops, call: mute},
		"shuts-stdin":  {call: func(*server, request) { _ = os.Stdin.Close(); hang() }},
		"shuts-stdout": {call: func(*server, request) { _ = os.Stdout.Close(); hang() }},
		"exits":        {call: func(*server, request) { fmt.Fprintln(os.Stderr, "out of luck"); os.Exit(1) }},
		"crashes":      {call: func(*server, request) { crash() }},
		"half-answer":  {call: func(s *server, r request) { s.begin(r); os.Exit(0) }},

		// What the others leave behind.
		"lives-on":     {start: func(*server) { deaf(nil); hang() }},
		"leaves-child": {start: func(*server) { abandon("lives-on"); os.Exit(0) }},
		"hop":          {start: func(*server) { <-time.After(10 * time.Millisecond); abandon("hop"); os.Exit(0) }},
	}
}

// deaf does not listen when it is asked to end.
func deaf(*server) { signal.Ignore(syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, syscall.SIGPIPE) }

// orphans starts a child which leaves a grandchild in a session of its own.
func orphans(*server) { _ = animal("leaves-child").Run() }

// hops starts a child that moves on into a new process, again and again.
func hops(*server) { abandon("hop") }

// abandon starts an animal in a session of its own and leaves it.
func abandon(name string) {
	cmd := animal(name)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	_ = cmd.Start()
}

func animal(name string) *exec.Cmd { return exec.Command(os.Args[0], name) }
