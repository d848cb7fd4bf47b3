package mcpclient

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/internal/toolfile"
)

// web is a server that is reached over Streamable HTTP.
type web struct {
	url     *url.URL
	headers map[string]string
}

func newWeb(config toolfile.Server) (*web, error) {
	u, err := url.Parse(config.URL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, &ordinaut.Error{
			Code:     ordinaut.CodeToolsFile,
			Message:  "the url of the server " + config.Name + " is not one of http or https",
			Fix:      "write it in full",
			Examples: []string{"https://mcp.example.com/mcp"},
		}
	}
	return &web{url: u, headers: config.Headers}, nil
}

// dial makes a client. Nothing is sent before the SDK greets the server.
func (w *web) dial(_ context.Context, g *gate, _ func(string)) (*link, error) {
	life, end := context.WithCancel(context.Background())
	lane := &lane{web: w, gate: g, life: life, base: &http.Transport{
		// No proxy: where a request goes is decided by the catalog file alone.
		DialContext:            (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
		TLSHandshakeTimeout:    10 * time.Second,
		IdleConnTimeout:        limits.ToolIdle,
		MaxResponseHeaderBytes: 64 << 10,
		ForceAttemptHTTP2:      true,
	}}
	return &link{
		transport: &mcp.StreamableClientTransport{
			Endpoint:     w.url.String(),
			HTTPClient:   &http.Client{Transport: lane, CheckRedirect: w.redirect},
			MaxEventSize: 2 * limits.ToolFrameBytes, // the gate has the limit, and sealing adds a third
		},
		where:   origin(w.url),
		epitaph: func() string { return "" },
		abort:   end,
		stop:    func(context.Context) { lane.base.CloseIdleConnections() },
	}, nil
}

// origin is the part of a URL that can be shown: path and query may be secret.
func origin(u *url.URL) string { return u.Scheme + "://" + u.Host }

// same says whether a URL has the origin of the configured one.
func (w *web) same(u *url.URL) bool { return origin(u) == origin(w.url) }

// redirect follows redirects inside the origin, when they keep the request as it
// is.
func (w *web) redirect(r *http.Request, via []*http.Request) error {
	if w.same(r.URL) && r.Method == via[0].Method && len(via) < 5 {
		return nil
	}
	return &ordinaut.Error{
		Code:    ordinaut.CodeToolUnavailable,
		Message: "redirects to " + origin(r.URL) + ", which is not followed",
		Fix:     "write the final address into the catalog file, if you trust it",
	}
}
