package egress

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/ordinaut/ordinaut"
)

// redirects follows as many redirects as are allowed; with none, the redirect
// itself is the answer. Where each one leads is checked when it is sent.
func redirects(most int) func(*http.Request, []*http.Request) error {
	return func(next *http.Request, sent []*http.Request) error {
		switch {
		case most == 0:
			return http.ErrUseLastResponse
		case len(sent) > most:
			return &ordinaut.Error{
				Code:    ordinaut.CodeEgressFailed,
				Sent:    next.URL.Host,
				Message: fmt.Sprintf("%s redirected more than %d times", sent[0].URL.Host, most),
				Fix:     "give the URL to which the redirects lead in the end",
			}
		case leftHome(next, sent):
			return goAbroad(next, sent[0])
		}
		return nil
	}
}

// WithoutRedirects is the same client, with the same connections, to which a
// redirect itself is the answer.
func WithoutRedirects(c *http.Client) *http.Client {
	staying := *c
	staying.CheckRedirect = redirects(0)
	return &staying
}

// leftHome reports whether any redirect led away from the origin of the first
// request. One that leads back does not count as home: the stranger in between
// chose what is asked there.
func leftHome(next *http.Request, sent []*http.Request) bool {
	home := origin(sent[0].URL)
	for _, r := range sent[1:] {
		if origin(r.URL) != home {
			return true
		}
	}
	return origin(next.URL) != home
}

// goAbroad takes from a request what was meant for another origin: every header
// that may hold a secret, which are all but a few. A body cannot be taken from
// the request, so that one with a body does not go.
func goAbroad(next, first *http.Request) error {
	if next.Body != nil && next.Body != http.NoBody {
		return &ordinaut.Error{
			Code:    ordinaut.CodeEgressDenied,
			Sent:    next.URL.Host,
			Message: fmt.Sprintf("%s redirects to %s, which was not meant to get the body of the request", first.URL.Host, next.URL.Host),
			Fix:     "when it may have it, give its URL instead",
		}
	}
	harmless := []string{"Accept", "Accept-Language", "User-Agent"}
	maps.DeleteFunc(next.Header, func(name string, _ []string) bool { return !slices.Contains(harmless, name) })
	return nil
}

// origin is the scheme, host and port of a URL (RFC 6454).
func origin(u *url.URL) string {
	port := cmp.Or(u.Port(), map[string]string{"http": "80", "https": "443"}[u.Scheme])
	return u.Scheme + "://" + strings.ToLower(u.Hostname()) + ":" + port
}
