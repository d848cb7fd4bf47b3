//go:build unix

package main

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"
)

// starters misbehave before anybody asks them for anything.
func starters() map[string]behaviour {
	return map[string]behaviour{
		// It does nothing of the kind.
		"tame": {},

		// Nothing is ever heard of it.
		"silent-at-start": {start: func(*server) { hang() }},

		// It has no key, and says so where nobody can answer.
		"exits-at-start": {start: func(*server) {
			fmt.Fprintln(os.Stderr, "the variable API_KEY is not set")
			os.Exit(3)
		}},

		// It greets, and dies of the next question, again and again.
		"crash-loop": {list: func(*server, request) { crash() }},

		// It answers questions that nobody has asked yet.
		"hasty": {start: func(s *server) {
			for id := range 100 {
				s.write(fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"result":{"content":[{"type":"text","text":"a lie"}]}}`, id))
			}
		}},

		// It prints whatever its libraries print.
		"banner": {start: func(s *server) { s.write("Welcome!\n\n[INFO] {not json}\n\x1b[32mready\x1b[0m") }},

		// It complains without end, and is of no use besides.
		"loud": {
			start: func(*server) { go flood(os.Stderr, strings.Repeat("warning ", 8_000)+"\n") },
			call:  mute,
		},
	}
}

// mute hears, and says nothing.
func mute(*server, request) {}

// hang does nothing any more.
func hang() {
	for {
		<-time.After(time.Hour)
	}
}

// crash ends as a program does that has gone wrong.
func crash() {
	_ = syscall.Kill(syscall.Getpid(), syscall.SIGKILL)
	hang()
}

// flood writes a text until nobody reads it any more.
func flood(to *os.File, text string) {
	for {
		if _, err := to.WriteString(text); err != nil {
			return
		}
	}
}
