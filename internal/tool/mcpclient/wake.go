package mcpclient

import "time"

// Wake ends the rest of a server that has failed, for a person who wants to know
// now whether it works.
func (s *Server) Wake() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rest.until = time.Time{}
}
