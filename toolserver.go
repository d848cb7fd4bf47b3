package ordinaut

import "time"

// ToolServerState is where a configured tool server stands.
type ToolServerState string

// The states of a tool server. A stopped one is started when it is needed, a
// failed one too; a resting one has failed and is left alone for a while.
const (
	ServerStopped  ToolServerState = "stopped"
	ServerStarting ToolServerState = "starting"
	ServerReady    ToolServerState = "ready"
	ServerResting  ToolServerState = "resting"
	ServerFailed   ToolServerState = "failed"
	ServerDisabled ToolServerState = "disabled"
)

// ToolServer is a configured server of tools and how it does.
type ToolServer struct {
	Name     string
	Kind     string // how it is reached
	Target   string // its command line or its URL, as the operator wrote it
	State    ToolServerState
	Since    time.Time // of the state
	Protocol string    // the revision that was agreed on
	Version  string    // what it calls itself, with its version
	Tools    []string  // addresses of what it offers, as last listed
	Refused  []string  // what of its tools cannot be used, and why
	Calls    int
	Restarts int    // starts after the first
	Fault    string // why it does not work
}
