// Command ordinaut is the whole of Ordinaut in one binary: the server, and the
// command line that talks to it.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/ordinaut/ordinaut/internal/face/cli"
	"github.com/ordinaut/ordinaut/internal/server"
	"github.com/ordinaut/ordinaut/internal/service"
	"github.com/ordinaut/ordinaut/internal/spawn"
	"github.com/ordinaut/ordinaut/internal/telemetry"
)

func main() {
	spawn.Main() // which does not return where we are the keeper of a child
	keepSmall()
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Getenv))
}

// run is the program with its surroundings given.
func run(args []string, in io.Reader, out, errs io.Writer, env func(string) string) int {
	stop, abort, end := signals()
	defer end()
	ops, err := server.Ops(stop, service.Options{Version: version()})
	if err != nil {
		fmt.Fprintln(errs, "ordinaut:", err)
		return 1
	}
	start := func(ctx context.Context, dev cli.DevSettings, s server.Settings) error {
		s.DataDir, s.Listen, s.Timezone, s.InsecureHTTP = dev.DataDir, dev.Listen, dev.Timezone, dev.InsecureHTTP
		s.Tools, s.Allow, s.Calendars, s.PublicURL = dev.Tools, dev.Allow, dev.Calendars, dev.PublicURL
		s.Version, s.Command, s.Out = version(), command(), out
		s.Log = telemetry.NewLogger(errs, telemetry.Options{Level: dev.LogLevel, NoColor: env("NO_COLOR") != ""})
		return server.Run(ctx, abort, s)
	}
	return cli.Run(stop, args, cli.Options{
		Ops: ops, Version: version(),
		Stdin: in, Stdout: out, Stderr: errs, Env: env,
		Dev: func(ctx context.Context, s cli.DevSettings) error { return start(ctx, s, server.Settings{}) },
		Server: cli.Server{
			Serve: func(ctx context.Context, s cli.ServeSettings) error {
				return start(ctx, s.DevSettings, server.Settings{
					Serving: true, Roles: s.Roles, DatabaseURL: s.DatabaseURL, RedisURL: s.RedisURL,
					Worker: s.Name, KeyFile: s.KeyFile, Slots: s.Slots, Grace: s.Grace,
				})
			},
			Migrate: server.Migrate,
			Move:    server.Move,
		},
	})
}

// signals returns two contexts: the first ends with the first interrupt, and the
// second with the second.
func signals() (stop, abort context.Context, end func()) {
	stop, stopped := context.WithCancel(context.Background())
	abort, aborted := context.WithCancel(context.Background())
	ch := make(chan os.Signal, 2)
	signal.Notify(ch, os.Interrupt, syscall.SIGTERM)
	done := make(chan struct{})
	go func() {
		for _, cancel := range []context.CancelFunc{stopped, aborted} {
			select {
			case <-ch:
				cancel()
			case <-done:
				return
			}
		}
	}()
	return stop, abort, func() {
		signal.Stop(ch)
		close(done)
		stopped()
		aborted()
	}
}

// command is how the reader calls this program: go run builds it into a folder
// of its own, which is no name to type.
func command() string {
	path, err := os.Executable()
	if err == nil && strings.Contains(path, "go-build") {
		return "go run ./cmd/ordinaut"
	}
	return "ordinaut"
}

// version is that of the module, or dev for a build from a work tree.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "dev"
	}
	return info.Main.Version
}
