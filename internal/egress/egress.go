// Package egress is the one HTTP client with which Ordinaut reaches out. It
// promises that no connection is made to an address that is not allowed, however
// the URL spells it and whatever a name resolves to, that nothing but the URL
// decides where a request goes, that what is meant for one origin does not
// follow a redirect to another, and that an answer has a bound. What is sent and
// what the answer means is left to others.
//
// The address is checked where it cannot lie: at the socket, after every name
// has been resolved and before the first packet leaves. A connection that is
// used again was checked when it was made.
package egress

import (
	"cmp"
	"net"
	"net/http"
	"time"

	"github.com/ordinaut/ordinaut/internal/limits"
)

// Options says what a client may do. The zero value reaches the public
// internet, and follows no redirect.
type Options struct {
	// Allow names what may be reached beyond the public internet: a host, as
	// nas.local or nas.local:8080; an address, as 10.0.0.7, 10.0.0.7:8080 or
	// [fd00::7]:8080; or a network, as 10.0.0.0/8. A host stands for whatever it
	// resolves to when it is asked for. Without a port, all ports are meant.
	Allow     []string
	MaxBytes  int64  // of an answer, after decompression; 0 is limits.ToolFrameBytes
	Redirects int    // that are followed; 0 is none
	UserAgent string // for requests that name none; "" is ordinaut
}

// Bounds of what comes before an answer. How long the answer itself may take
// is for the context of the request to say.
const (
	connectWait = 10 * time.Second // for the connection, and again for TLS
	headerBytes = 64 << 10
	idlePerHost = 4
)

// New makes a client. An entry of Allow that cannot be read is an
// *ordinaut.Error with its place below /allow. The errors of the client are
// *url.Errors that wrap an *ordinaut.Error, or the error of the context.
func New(o Options) (*http.Client, error) {
	allowed, err := parseAllow(o.Allow)
	if err != nil {
		return nil, err
	}
	return newClient(o, allowed, net.Dialer{Timeout: connectWait}), nil
}

// Public makes a client that reaches the public internet and follows a few
// redirects.
func Public() *http.Client {
	return newClient(Options{Redirects: 5}, nil, net.Dialer{Timeout: connectWait})
}

func newClient(o Options, allowed []allowance, dialer net.Dialer) *http.Client {
	guard := &guard{allowed: allowed, reserved: reservedNetworks(), dialer: dialer}
	return &http.Client{
		CheckRedirect: redirects(o.Redirects),
		Transport: &transport{
			maxBytes:  cmp.Or(o.MaxBytes, limits.ToolFrameBytes),
			userAgent: cmp.Or(o.UserAgent, "ordinaut"),
			next: &http.Transport{
				Proxy:                  nil, // the environment does not decide where a request goes
				DialContext:            guard.dial,
				ForceAttemptHTTP2:      true,
				TLSHandshakeTimeout:    connectWait,
				ResponseHeaderTimeout:  limits.StepTimeoutMax,
				MaxResponseHeaderBytes: headerBytes,
				MaxIdleConnsPerHost:    idlePerHost,
				IdleConnTimeout:        limits.IdleWait,
			},
		},
	}
}
