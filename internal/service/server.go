package service

import (
	"context"
	"fmt"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/internal/op"
)

// ToolServers are the configured servers of tools.
type ToolServers interface {
	// Servers lists them by name.
	Servers() []ordinaut.ToolServer
	// Test starts one and has it list its tools.
	Test(ctx context.Context, name string) (ordinaut.ToolServer, error)
}

// noServers is what there is where nobody configured any.
type noServers struct{}

func (noServers) Servers() []ordinaut.ToolServer { return nil }

func (noServers) Test(context.Context, string) (ordinaut.ToolServer, error) {
	return ordinaut.ToolServer{}, ordinaut.ErrNotFound
}

// ToolServer is a tool server as it is shown.
type ToolServer struct {
	Name     string                   `json:"name" doc:"What the addresses of its tools begin with."`
	Kind     string                   `json:"kind" enum:"stdio,http" doc:"How it is reached."`
	State    ordinaut.ToolServerState `json:"state" enum:"stopped,starting,ready,resting,failed,disabled" doc:"Where it stands. A stopped one is started when it is needed, a failed one too; a resting one has failed and is left alone for a while."`
	Since    *time.Time               `json:"since,omitempty" doc:"Since when it stands so."`
	Target   string                   `json:"target" doc:"The command that starts it, or its URL."`
	Protocol string                   `json:"protocol,omitempty" doc:"The revision of MCP that it speaks."`
	Version  string                   `json:"version,omitempty" doc:"What it calls itself, with its version."`
	Tools    []string                 `json:"tools" doc:"The addresses of its tools, as they were last listed." nullable:"false"`
	Refused  []string                 `json:"refused,omitempty" doc:"Which of its tools cannot be used, and why."`
	Calls    int                      `json:"calls" doc:"How often its tools were called since our start."`
	Restarts int                      `json:"restarts" doc:"How often it was started again."`
	Fault    string                   `json:"fault,omitempty" doc:"Why it does not work."`
	TookMS   int64                    `json:"took_ms,omitempty" doc:"How long it took to start it and list its tools."`
}

// ToolServerList is every configured tool server.
type ToolServerList struct {
	Items []ToolServer `json:"items" doc:"The servers, by name." nullable:"false"`
}

// ServerName asks for one tool server.
type ServerName struct {
	Server string `json:"server" doc:"Its name in the catalog file."`
}

// ListServers lists the configured tool servers and how they do.
func (s *Service) ListServers(context.Context, op.Nothing) (ToolServerList, error) {
	list := ToolServerList{Items: []ToolServer{}}
	for _, server := range s.servers.Servers() {
		list.Items = append(list.Items, showServer(server))
	}
	return list, nil
}

// TestServer starts a tool server and has it list its tools.
func (s *Service) TestServer(ctx context.Context, r ServerName) (ToolServer, error) {
	names := []string{}
	for _, server := range s.servers.Servers() {
		names = append(names, server.Name)
		if server.Name != r.Server {
			continue
		}
		ctx, cancel := context.WithTimeout(ctx, limits.ToolStart)
		defer cancel()
		began := time.Now()
		tested, err := s.servers.Test(ctx, r.Server)
		if err != nil {
			return ToolServer{}, err
		}
		shown := showServer(tested)
		shown.TookMS = max(time.Since(began).Milliseconds(), 1)
		return shown, nil
	}
	e := &ordinaut.Error{
		Code: ordinaut.CodeServerNotFound, At: "/server", Sent: r.Server,
		Message: fmt.Sprintf("there is no tool server %q", r.Server),
		Fix:     "list the servers with ordinaut tools servers, or add one with ordinaut tools add", Examples: names,
	}
	if near := ordinaut.Nearest(r.Server, names); near != "" {
		e.Fix, e.Examples = fmt.Sprintf("did you mean %s?", near), []string{near}
	}
	return ToolServer{}, e
}

func showServer(s ordinaut.ToolServer) ToolServer {
	shown := ToolServer{
		Name: s.Name, Kind: s.Kind, State: s.State, Target: s.Target,
		Protocol: s.Protocol, Version: s.Version, Tools: s.Tools, Refused: s.Refused, Calls: s.Calls, Restarts: s.Restarts, Fault: s.Fault,
	}
	if shown.Tools == nil {
		shown.Tools = []string{}
	}
	if !s.Since.IsZero() {
		shown.Since = &s.Since
	}
	return shown
}
