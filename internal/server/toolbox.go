package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/egress"
	"github.com/ordinaut/ordinaut/internal/face/cli"
	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/internal/telemetry"
	"github.com/ordinaut/ordinaut/internal/tool"
	"github.com/ordinaut/ordinaut/internal/tool/mcpclient"
	"github.com/ordinaut/ordinaut/internal/toolfile"
)

// toolbox is the tools of a server: those that are always there, and those of
// the catalog file, which may change while the server runs.
type toolbox struct {
	settings Settings
	catalog  *tool.Catalog
	path     string // of the catalog file
	cache    *toolCache

	retiring sync.WaitGroup // servers that left the file

	mu      sync.Mutex
	stamp   fileStamp // of the file, when it was read last
	running []*mcpServer
	off     []ordinaut.ToolServer       // that the file disables
	refused map[string]map[string]error // by server, which of its tools cannot be used
}

// mcpServer is a server of the file, with what reaches it.
type mcpServer struct {
	config toolfile.Server
	target string // how it is reached, for people
	*mcpclient.Server
}

// openToolbox reads the catalog file. A file that cannot be read keeps the
// server from starting: half of the tools would be a surprise at night.
func openToolbox(s Settings, catalog *tool.Catalog) (*toolbox, error) {
	b := &toolbox{
		settings: s, catalog: catalog,
		path:    cmp.Or(s.Tools, filepath.Join(s.DataDir, cli.ToolsFile)),
		cache:   openToolCache(filepath.Join(s.DataDir, toolCacheFile), s.Log),
		refused: map[string]map[string]error{},
	}
	catalog.OnLesson(b.learn)
	err := b.read()
	if errors.Is(err, fs.ErrNotExist) && s.Tools == "" {
		return b, nil
	}
	return b, err
}

// read takes over what the file says now.
func (b *toolbox) read() error {
	stamp := stampOf(b.path)
	text, err := os.ReadFile(b.path)
	if err != nil {
		return &ordinaut.Error{
			Code: ordinaut.CodeToolsFile, At: "/tools", Sent: b.path,
			Message: fmt.Sprintf("the catalog file %s cannot be read: %v", b.path, errors.Unwrap(err)),
			Fix:     "name a file with mcpServers, as MCP clients use it", Err: err,
		}
	}
	b.mu.Lock()
	b.stamp = stamp
	b.mu.Unlock()
	file, err := toolfile.Parse(b.path, text)
	if err != nil {
		return err
	}
	resolved, err := file.Resolve(lookup(b.path))
	if err != nil {
		return err
	}
	return b.take(file, resolved)
}

// lookup is where the references of the file lead.
func lookup(path string) toolfile.Lookup {
	home, _ := os.UserHomeDir() // without one, ${userHome} finds nothing
	dir := filepath.Dir(path)
	if whole, err := filepath.Abs(dir); err == nil {
		dir = whole
	}
	return toolfile.Lookup{Env: os.LookupEnv, ReadFile: os.ReadFile, Home: home, Dir: toolfile.Workspace(dir)}
}

// take makes the tools those of the file, which is given as it is written and
// resolved. Servers that it leaves as they were keep running.
func (b *toolbox) take(written, file toolfile.File) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	var running []*mcpServer
	var off []ordinaut.ToolServer
	for i, config := range file.Servers {
		shown := target(written.Servers[i])
		if config.Disabled {
			off = append(off, ordinaut.ToolServer{Name: config.Name, Kind: string(config.Kind), Target: shown, State: ordinaut.ServerDisabled})
			continue
		}
		server, err := b.server(config)
		if err != nil {
			return fmt.Errorf("server %s: %w", config.Name, err)
		}
		server.target = shown
		running = append(running, server)
	}
	served, err := httpServers(file.Tools, egress.Options{Allow: b.settings.Allow})
	if err != nil {
		return err
	}
	for _, s := range running {
		served = append(served, tool.Server{Name: s.config.Name, Transport: s, Known: b.cache.get(s.config)})
	}
	b.catalog.Serve(served...)
	for _, gone := range b.running {
		if !slices.Contains(running, gone) {
			b.retire(gone)
		}
	}
	b.running, b.off = running, off
	b.cache.keep(file.Servers)
	for _, note := range append(overrides(file), file.Notes...) {
		b.settings.Log.Warn(note)
	}
	return nil
}

// server is what reaches a configured server: the one that does already, when
// nothing about it has changed.
func (b *toolbox) server(config toolfile.Server) (*mcpServer, error) {
	for _, s := range b.running {
		if s.config.Equal(config) {
			return s, nil
		}
	}
	s := &mcpServer{config: config}
	var err error
	s.Server, err = mcpclient.New(config, mcpclient.Options{
		Version: b.settings.Version, Log: b.settings.Log,
		Changed: func(tools []ordinaut.Tool) { b.catalog.Learn(s, tools) },
	})
	return s, err
}

// overrides says which built-in tools a server takes the place of.
func overrides(file toolfile.File) (notes []string) {
	for _, name := range file.Overrides() {
		notes = append(notes, fmt.Sprintf("the server %s of the catalog file takes the place of the built-in tools %s.*", name, name))
	}
	return notes
}

// learn remembers what a server offers, and tells what has changed.
func (b *toolbox) learn(l tool.Lesson) {
	log := b.settings.Log.With(telemetry.KeyServer, l.Server)
	for _, address := range l.Changed {
		log.Warn("the definition of a tool has changed", telemetry.KeyTool, address)
	}
	for _, address := range l.Gone {
		log.Warn("a tool is no longer there", telemetry.KeyTool, address)
	}
	for _, address := range slices.Sorted(maps.Keys(l.Refused)) {
		log.Warn("a tool cannot be used", telemetry.KeyTool, address, telemetry.KeyError, l.Refused[address])
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.refused[l.Server] = l.Refused
	for _, s := range b.running {
		if s.config.Name == l.Server {
			b.cache.put(s.config, l.Tools)
		}
	}
}

// retire ends a server that left the file, without waiting for it.
func (b *toolbox) retire(s *mcpServer) {
	b.retiring.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), toolsCloseWait)
		defer cancel()
		if err := s.Close(ctx); err != nil {
			b.settings.Log.Warn("a tool server did not end", telemetry.KeyServer, s.config.Name, telemetry.KeyError, err)
		}
	})
}

// toolsCloseWait is how long a server may take to end: it is asked, then killed.
const toolsCloseWait = 3 * limits.ToolStop

// close ends all servers.
func (b *toolbox) close() {
	b.mu.Lock()
	running := b.running
	b.running = nil
	b.mu.Unlock()
	for _, s := range running {
		b.retire(s)
	}
	b.retiring.Wait()
}

// Servers lists the servers of the file, by name.
func (b *toolbox) Servers() []ordinaut.ToolServer {
	b.mu.Lock()
	defer b.mu.Unlock()
	offered := map[string][]string{}
	for _, t := range b.catalog.List() {
		for _, s := range b.running {
			if strings.HasPrefix(t.Address, s.config.Name+".") {
				offered[s.config.Name] = append(offered[s.config.Name], t.Address)
			}
		}
	}
	servers := slices.Clone(b.off)
	for _, s := range b.running {
		server := s.status()
		server.Tools = offered[server.Name]
		for _, address := range slices.Sorted(maps.Keys(b.refused[server.Name])) {
			server.Refused = append(server.Refused, fmt.Sprintf("%s: %v", address, b.refused[server.Name][address]))
		}
		servers = append(servers, server)
	}
	slices.SortFunc(servers, func(a, b ordinaut.ToolServer) int { return strings.Compare(a.Name, b.Name) })
	return servers
}

// Test starts a server and has it list its tools.
func (b *toolbox) Test(ctx context.Context, name string) (ordinaut.ToolServer, error) {
	b.mu.Lock()
	i := slices.IndexFunc(b.running, func(s *mcpServer) bool { return s.config.Name == name })
	var server *mcpServer
	if i >= 0 {
		server = b.running[i]
	}
	b.mu.Unlock()
	if server == nil {
		return ordinaut.ToolServer{}, &ordinaut.Error{
			Code: ordinaut.CodeServerNotFound, At: "/server", Sent: name,
			Message: fmt.Sprintf("the server %s is disabled", name),
			Fix:     "enable it in " + b.path,
		}
	}
	server.Wake()
	tools, err := server.Tools(ctx)
	if err != nil {
		return ordinaut.ToolServer{}, err
	}
	b.catalog.Learn(server, tools)
	for _, s := range b.Servers() {
		if s.Name == name {
			return s, nil
		}
	}
	return server.status(), nil
}
