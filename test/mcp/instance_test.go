package mcp

import (
	"net/http"
	"os"
	"testing"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/service"
	"github.com/ordinaut/ordinaut/test/realtest"
)

func TestMain(m *testing.M) { os.Exit(realtest.Main(m)) }

// instance is a running server with MCP servers in its catalog.
type instance struct{ *realtest.Server }

// canary is the name and the value of a variable in the server's environment
// that no tool may see.
const canary = "ORDINAUT_TEST_CANARY"

// start starts a server with these MCP servers in its catalog.
func start(t *testing.T, servers map[string]any) instance {
	t.Helper()
	return instance{realtest.Start(t, realtest.Options{
		Dir: realPath(t, t.TempDir()), Tools: servers,
		Args: []string{"--log-level", "info"}, Env: []string{canary + "=" + canary},
	})}
}

// once runs a task that was made for this one run.
func (o instance) once(t *testing.T, title string, steps ...realtest.Step) service.Run {
	t.Helper()
	return o.Run(t, o.Create(t, realtest.Manual(title, steps...)), struct{}{})
}

// succeed fails the test unless the run succeeded.
func succeed(t *testing.T, run service.Run) service.Run {
	t.Helper()
	if run.Status != ordinaut.RunSucceeded {
		t.Fatalf("the run is %s: %+v", run.Status, run.Error)
	}
	return run
}

// tools starts a server and gives the addresses of its tools.
func (o instance) tools(t *testing.T, server string) []string {
	t.Helper()
	var tested service.ToolServer
	o.Ask(t, http.MethodPost, "/v1/tool-servers/"+server+"/test", nil, &tested)
	if len(tested.Refused) > 0 {
		t.Errorf("%s has tools that cannot be used: %q", server, tested.Refused)
	}
	var list service.ToolList
	o.Ask(t, http.MethodGet, "/v1/tools?server="+server, nil, &list)
	addresses := make([]string, 0, len(list.Items))
	for _, tool := range list.Items {
		addresses = append(addresses, tool.Address)
	}
	t.Logf("%s: %s, revision %s, started and listed in %d ms: %d tools", server, tested.Version, tested.Protocol, tested.TookMS, len(addresses))
	return addresses
}
