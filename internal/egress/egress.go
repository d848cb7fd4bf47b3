// Package egress is the one HTTP client with which Ordinaut reaches out. It
// promises that no connection is made to an address that is not allowed, however
// the URL spells it and whatever a name resolves to, that nothing but the URL
// decides where a request goes, and that an answer has a bound. What is sent and
// what the answer means is left to others.
package egress

import (
	"net/http"
)

// Options says what a client may do.
type Options struct {
	Allow     []string // beyond the public internet: host, host:port, address or CIDR network
	MaxBytes  int64    // of an answer, after decompression; 0 is limits.ToolFrameBytes
	Redirects int      // that are followed; 0 is none
}

// New makes a client. An entry of Allow that cannot be read is an error.
func New(o Options) (*http.Client, error) { return nil, nil }
