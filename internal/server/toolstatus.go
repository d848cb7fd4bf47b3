package server

import (
	"strconv"
	"strings"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/tool/mcpclient"
	"github.com/ordinaut/ordinaut/internal/toolfile"
)

// status is how the server does, without its tools.
func (s *mcpServer) status() ordinaut.ToolServer {
	is := s.Status()
	shown := ordinaut.ToolServer{
		Name: s.config.Name, Kind: string(s.config.Kind), Target: s.target,
		State: stateOf(is.State), Since: is.Since, Protocol: is.Protocol,
		Version: strings.TrimSpace(is.ServerName + " " + is.ServerVersion), Calls: is.Calls, Restarts: is.Restarts,
	}
	if is.State == mcpclient.Resting || is.State == mcpclient.Failed {
		shown.Fault = is.LastError
	}
	return shown
}

func stateOf(s mcpclient.State) ordinaut.ToolServerState {
	switch s {
	case mcpclient.Starting:
		return ordinaut.ServerStarting
	case mcpclient.Ready:
		return ordinaut.ServerReady
	case mcpclient.Resting:
		return ordinaut.ServerResting
	case mcpclient.Failed:
		return ordinaut.ServerFailed
	}
	return ordinaut.ServerStopped
}

// target is how the server is reached, as it stands in the file: what its
// references stand for may be secret.
func target(s toolfile.Server) string {
	if s.Kind == toolfile.HTTP {
		return s.URL
	}
	words := []string{s.Command}
	for _, arg := range s.Args {
		if arg == "" || strings.ContainsAny(arg, " \t\n'\"$`\\") {
			arg = strconv.Quote(arg)
		}
		words = append(words, arg)
	}
	return strings.Join(words, " ")
}
