package rest

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/ordinaut/ordinaut"
)

// guarded refuses what only a browser that was tricked would send: a foreign
// name in the Host header, and a change asked for by another site's page. It
// also refuses paths that the mux would redirect.
func (f *face) guarded(next http.Handler) http.Handler {
	crossOrigin := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !f.answersTo(r.Host):
			f.fail(w, r, &ordinaut.Error{
				Code:    ordinaut.CodeRequestHost,
				Message: "this server does not answer under the name " + cut(r.Host),
				Fix:     "use localhost or an IP address, or let the server's operator allow the name",
			})
		case crossOrigin.Check(r) != nil:
			f.fail(w, r, &ordinaut.Error{
				Code:    ordinaut.CodeRequestOrigin,
				Message: "a page of another site asked for a change",
				Fix:     "call the API from a program, or from a page of this server",
			})
		case !canonical(r.URL.EscapedPath()):
			f.known(f.unrouted)(w, r)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// answersTo says whether the server may be asked under the name of a Host
// header. An address cannot be rebound, so it always may.
func (f *face) answersTo(host string) bool {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	name = strings.ToLower(strings.TrimSuffix(strings.Trim(name, "[]"), "."))
	if _, err := netip.ParseAddr(name); err == nil {
		return true
	}
	if name == "" || name == "localhost" || strings.HasSuffix(name, ".localhost") {
		return true
	}
	return slices.ContainsFunc(f.Hosts, func(h string) bool { return h == "*" || strings.EqualFold(h, name) })
}
