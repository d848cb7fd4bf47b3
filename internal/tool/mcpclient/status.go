package mcpclient

import (
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/toolfile"
)

// State is what a server is doing.
type State string

// The states of a server.
const (
	Stopped  State = "stopped"  // nobody needs it
	Starting State = "starting" // it has not answered yet
	Ready    State = "ready"
	Resting  State = "resting" // it failed, and is left alone until Status.RestsUntil
	Failed   State = "failed"  // it failed, and the next call tries again
)

// Status is what is known of a server.
type Status struct {
	Name  string
	Kind  toolfile.Kind
	State State
	Since time.Time

	// Of a server that is ready.
	Where         string // its program, or the origin of its URL
	Protocol      string // the revision, such as 2025-11-25
	ServerName    string // what it calls itself
	ServerVersion string
	Instructions  string // the beginning

	LastError  string
	RestsUntil time.Time
	Calls      int
	Restarts   int // starts after the first
}

// Status tells what the server is doing.
func (s *Server) Status() Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	status := Status{
		Name:     s.config.Name,
		Kind:     s.config.Kind,
		State:    Stopped,
		Since:    s.since,
		Calls:    s.calls,
		Restarts: max(0, s.starts-1),
	}
	if s.last != nil {
		status.LastError = ordinaut.AsError(s.last).Message
	}
	switch {
	case s.starting != nil:
		status.State = Starting
	case s.current != nil && s.current.live():
		status.State = Ready
		s.current.describe(&status)
	case s.rest.left() > 0:
		status.State, status.RestsUntil = Resting, s.rest.until
	case s.rest.failures > 0:
		status.State = Failed
	}
	return status
}

// live says whether the session takes calls.
func (s *session) live() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.ended && !s.retired
}

// describe tells what a server has told of itself.
func (s *session) describe(status *Status) {
	status.Where = s.link.where
	told := s.sdk.InitializeResult()
	status.Protocol, status.Instructions = told.ProtocolVersion, cut(told.Instructions, mostMessage)
	if info := told.ServerInfo; info != nil {
		status.ServerName, status.ServerVersion = cut(info.Name, longestName), cut(info.Version, longestName)
	}
}
