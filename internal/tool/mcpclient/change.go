package mcpclient

import (
	"context"
	"reflect"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/internal/telemetry"
)

// learn remembers the list of tools, and says whether it has changed.
func (s *Server) learn(tools []ordinaut.Tool) (changed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	changed = s.listed && !reflect.DeepEqual(s.known, tools)
	s.known, s.listed = tools, true
	return changed
}

// changeWait is how long changes of the list of tools are gathered.
const changeWait = time.Second

// toolsChanged is told that the server has other tools.
func (s *Server) toolsChanged() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.relistSoon()
}

// relistSoon lists the tools anew in a moment, when somebody knows the old list.
// The lock is held.
func (s *Server) relistSoon() {
	if !s.closed && s.listed && s.relist == nil {
		s.relist = time.AfterFunc(changeWait, s.relistNow)
	}
}

func (s *Server) relistNow() {
	s.mu.Lock()
	s.relist = nil
	session := s.current
	live := !s.closed && session != nil && session.take()
	if live {
		s.work.Add(1)
	}
	s.mu.Unlock()
	if live {
		defer s.work.Done()
		s.refresh(session)
	}
}

// refresh lists the tools anew and tells whoever wants to know.
func (s *Server) refresh(session *session) {
	ctx, cancel := context.WithTimeout(s.life, limits.ToolStart)
	defer cancel()
	tools, err := s.list(ctx, session)
	if err != nil {
		s.options.Log.Warn("tools cannot be listed anew", telemetry.KeyServer, s.config.Name, telemetry.Err(err))
		return
	}
	if s.learn(tools) {
		s.options.Changed(tools)
	}
}
