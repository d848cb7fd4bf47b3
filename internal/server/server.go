// Package server puts the rooms together: a store, the tools, the service, the
// engine and the faces. It is the only room that names every technology.
package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/google/uuid"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/auth"
	"github.com/ordinaut/ordinaut/internal/egress"
	"github.com/ordinaut/ordinaut/internal/engine"
	"github.com/ordinaut/ordinaut/internal/face/cli"
	"github.com/ordinaut/ordinaut/internal/face/rest"
	"github.com/ordinaut/ordinaut/internal/op"
	"github.com/ordinaut/ordinaut/internal/service"
	"github.com/ordinaut/ordinaut/internal/telemetry"
	"github.com/ordinaut/ordinaut/internal/tool"
	"github.com/ordinaut/ordinaut/internal/tool/builtin"
	"github.com/ordinaut/ordinaut/internal/tool/operation"
)

// Settings is what a server is started with.
type Settings struct {
	DataDir      string
	Listen       string // host:port; port 0 takes a free one
	Timezone     string // of schedules that name none; "" is the computer's
	InsecureHTTP bool   // allow an address that other computers can reach, without TLS
	Version      string
	Command      string // how the reader calls this program
	Log          *slog.Logger
	Out          io.Writer // the few lines that say what is where
	Slots        int       // runs carried out at once; 0 is the default

	// What a server of many is started with. The zero values are one that does all
	// the work, on the data folder.
	Serving     bool            // it was put to work for long, rather than tried out
	Roles       []ordinaut.Role // what of the work it does
	DatabaseURL string          // of PostgreSQL; "" keeps everything in the data folder
	RedisURL    string          // where events are published and heard; "" is nowhere
	Worker      string          // the name of the process among all; "" is worker, or one that no other has when it serves
	KeyFile     string          // that holds the admin key; "" is the one in the data folder
	Grace       time.Duration   // how long runs may finish after the stop; 0 is the default

	Tools     string   // the catalog file; "" is mcp.json in the data folder, if there is one
	Allow     []string // what tools may reach beyond the public internet; see egress.Options
	Calendars []string // folders from which calendars may be read, beside that in the data folder

	PublicURL string // where people reach the server, for links; "" is where it listens
}

// server is the rooms, put together.
type server struct {
	store    ordinaut.Store
	tools    *toolbox
	engine   *engine.Engine
	doors    *doors
	http     *http.Server
	listener net.Listener
	settings Settings
	zone     string
	draining atomic.Bool
}

// Run serves until stop ends, then drains: it takes nothing new, lets runs
// finish for the time of grace, and hands back the rest. When abort ends, it
// hands everything back at once.
func Run(stop, abort context.Context, s Settings) (err error) {
	srv, err := open(stop, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, srv.store.Close()) }()
	url := "http://" + srv.listener.Addr().String()
	forget, err := srv.findable(url)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, forget()) }()
	if err := srv.announce(url); err != nil {
		return err
	}
	return srv.run(stop, abort)
}

// findable writes into the data folder where the server is, until forget. One
// that answers no requests need not be found.
func (s *server) findable(url string) (forget func() error, err error) {
	if !ordinaut.RoleAPI.Has(s.settings.Roles) {
		return func() error { return nil }, nil
	}
	running := cli.Running{URL: url, PID: os.Getpid(), Tools: s.settings.Tools}
	if running.Tools != "" {
		if running.Tools, err = filepath.Abs(running.Tools); err != nil {
			return nil, err
		}
	}
	return func() error { return running.Remove(s.settings.DataDir) }, running.Save(s.settings.DataDir)
}

// Ops is the list of all operations, some of which are tools from then on.
// Without a store only the pure ones work.
func Ops(ctx context.Context, o service.Options) (*op.Set, error) {
	if o.Tools == nil {
		tools, err := tool.New(ctx, builtin.Tools(builtin.Options{})...)
		if err != nil {
			return nil, err
		}
		o.Tools = tools
	}
	set, err := op.NewSet(service.New(o).Ops()...)
	if err != nil {
		return nil, err
	}
	own, err := operation.New(set, asker(o.Store))
	if err != nil {
		return nil, err
	}
	return set, o.Tools.Add(ctx, own)
}

// Admin is the agent whose key lies in the data folder. It is made when the
// store is new.
func Admin(ctx context.Context, store ordinaut.Agents) (ordinaut.Agent, error) {
	admin, err := store.EnsureAgent(ctx, ordinaut.Agent{
		ID: ordinaut.AgentID(uuid.Must(uuid.NewV7()).String()), Name: "admin", Kind: ordinaut.AgentPerson,
		Scopes: []ordinaut.Scope{ordinaut.ScopeAdmin}, CreatedAt: time.Now(),
	})
	if err != nil {
		return admin, fmt.Errorf("find the admin: %w", err)
	}
	return admin, nil
}

func open(ctx context.Context, s Settings) (*server, error) {
	if err := checkPublicURL(s.PublicURL); err != nil {
		return nil, err
	}
	zone := cmp.Or(s.Timezone, localZone())
	if s.Serving {
		s.Worker = cmp.Or(s.Worker, processName())
	}
	listener, err := listen(ctx, s)
	if err != nil {
		return nil, err
	}
	store, err := openStore(ctx, s)
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	if ordinaut.RoleAPI.Has(s.Roles) {
		s.PublicURL = cmp.Or(s.PublicURL, reachableAt(listener.Addr()))
	}
	srv, err := assemble(ctx, s, store, zone)
	if err != nil {
		return nil, errors.Join(err, listener.Close(), store.Close())
	}
	srv.listener = listener
	return srv, nil
}

// assemble builds the rooms above the store.
func assemble(ctx context.Context, s Settings, store ordinaut.Store, zone string) (*server, error) {
	key, err := s.key()
	if err != nil {
		return nil, err
	}
	admin, err := Admin(ctx, store)
	if err != nil {
		return nil, err
	}
	var keys auth.Keys
	keys.Add(key, admin)
	catalog, err := builtins(ctx, s)
	if err != nil {
		return nil, err
	}
	tools, err := openToolbox(s, catalog)
	if err != nil {
		return nil, err
	}
	guests, err := openToGuests(ctx, s, store)
	if err != nil {
		return nil, err
	}
	link := guests.Links.URL
	if s.PublicURL == "" {
		link = nil // it does not know where people are answered
	}
	ops, err := Ops(ctx, service.Options{Store: store, Tools: catalog, Servers: tools, Zone: zone, Version: s.Version, Link: link})
	if err != nil {
		return nil, fmt.Errorf("describe the operations: %w", err)
	}
	metrics := telemetry.NewMetrics(s.Version, store.Backlog)
	srv := &server{store: store, tools: tools, settings: s, zone: zone}
	if srv.doors, err = openDoors(ctx, s, store, admin.ID, metrics); err != nil {
		return nil, err
	}
	srv.engine = engine.New(engine.Options{
		Store: store, Tools: catalog, Log: s.Log, Metrics: metrics, Link: link,
		Roles: s.Roles, Worker: s.Worker, Slots: s.Slots, Grace: s.Grace, Workers: store, Self: s.self(), Reclaim: s.reclaim(),
	})
	srv.http = rest.Server(srv.handler(rest.Options{
		Ops: ops, Authenticate: keys.Authenticate, Ready: store.Ready, Draining: srv.draining.Load, Log: s.Log, Version: s.Version,
		Hosts: s.hosts(), Metrics: metrics, Guests: guests, Inlet: srv.doors.inlet(),
	}))
	return srv, nil
}

// handler is what the process answers over HTTP: the API, when that is its part,
// and otherwise only how it does.
func (s *server) handler(o rest.Options) http.Handler {
	if ordinaut.RoleAPI.Has(s.settings.Roles) {
		return rest.New(o)
	}
	o.Ops = nil
	return rest.Health(o)
}

// builtins is the catalog of the tools that need no server.
func builtins(ctx context.Context, s Settings) (*tool.Catalog, error) {
	client, err := egress.New(egress.Options{Allow: s.Allow, Redirects: redirects, UserAgent: "ordinaut/" + s.Version})
	if err != nil {
		var faults ordinaut.Errors
		for _, f := range ordinaut.AsError(err).All() {
			faults.Add(f.Moved("/allow_address"))
		}
		return nil, faults.Err()
	}
	catalog, err := tool.New(ctx, builtin.Tools(builtin.Options{
		Client: client, Files: append([]string{filepath.Join(s.DataDir, "calendars")}, s.Calendars...),
	})...)
	if err != nil {
		return nil, fmt.Errorf("load the tools: %w", err)
	}
	return catalog, nil
}

// redirects is how many are followed when a tool asks for it.
const redirects = 10

// listen takes the address. It is taken first, because a second start in the
// same folder is the most common mistake, and it costs nothing to find out.
func listen(ctx context.Context, s Settings) (net.Listener, error) {
	host, _, err := net.SplitHostPort(s.Listen)
	if err != nil {
		return nil, &ordinaut.Error{
			Code: ordinaut.CodeFieldValue, At: "/listen", Sent: s.Listen,
			Message: fmt.Sprintf("%q is not an address to listen on", s.Listen),
			Fix:     "give a host and a port", Examples: []string{"127.0.0.1:8080", "127.0.0.1:0"}, Err: err,
		}
	}
	if !loopback(host) && !s.InsecureHTTP {
		return nil, &ordinaut.Error{
			Code: ordinaut.CodeFieldValue, At: "/listen", Sent: s.Listen,
			Message: "other computers can reach this address, and what they send would not be encrypted",
			Fix:     "listen on 127.0.0.1 behind a proxy that does TLS, or say --insecure-http",
		}
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", s.Listen)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, &ordinaut.Error{
			Code: ordinaut.CodeFieldValue, At: "/listen", Sent: s.Listen,
			Message: fmt.Sprintf("another program listens on %s", s.Listen),
			Fix:     "stop it, or choose another address with --listen", Examples: []string{"127.0.0.1:8081", "127.0.0.1:0"}, Err: err,
		}
	}
	return listener, err
}

// hosts are the names under which requests may come. An address that other
// computers reach has names that only they know.
func (s Settings) hosts() []string {
	if host, _, err := net.SplitHostPort(s.Listen); err == nil && !loopback(host) {
		return []string{"*"}
	}
	if u, err := url.Parse(s.PublicURL); err == nil && s.PublicURL != "" {
		return []string{u.Hostname()}
	}
	return nil
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// run serves until stop ends and everything under way is finished or handed
// back.
func (s *server) run(stop, abort context.Context) error {
	defer context.AfterFunc(stop, func() { s.draining.Store(true) })()
	served := make(chan error, 1)
	stop, failed := context.WithCancelCause(stop)
	defer failed(nil)
	go func() {
		err := s.http.Serve(s.listener)
		if !errors.Is(err, http.ErrServerClosed) {
			failed(err)
		}
		served <- err
	}()
	watching := make(chan struct{})
	go func() { defer close(watching); s.tools.run(stop) }()
	s.doors.run(stop, abort)
	err := s.engine.Run(stop, abort)
	failed(err)
	<-watching
	defer s.tools.close()
	if closeErr := s.closeHTTP(abort); closeErr != nil {
		s.settings.Log.Warn("connections were cut", telemetry.KeyError, closeErr)
	}
	s.doors.close(abort)
	if serveErr := <-served; !errors.Is(serveErr, http.ErrServerClosed) {
		err = errors.Join(err, fmt.Errorf("serve: %w", serveErr))
	}
	return err
}

// closeWait is how long answers under way may take after the stop.
const closeWait = 5 * time.Second

func (s *server) closeHTTP(abort context.Context) error {
	ctx, cancel := context.WithTimeout(abort, closeWait)
	defer cancel()
	if err := s.http.Shutdown(ctx); err != nil {
		return errors.Join(err, s.http.Close())
	}
	return nil
}
