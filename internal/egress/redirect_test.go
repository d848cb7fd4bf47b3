package egress

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ordinaut/ordinaut"
)

// serve runs a server, and says how to allow it.
func serve(t *testing.T, h http.HandlerFunc) (server *httptest.Server, allow string) {
	t.Helper()
	server = httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server, strings.TrimPrefix(server.URL, "http://")
}

func TestNoRedirectReachesTheCanary(t *testing.T) {
	t.Parallel()
	c := newCanary(t)
	home, allow := serve(t, func(w http.ResponseWriter, r *http.Request) {
		status := http.StatusOK
		_, _ = fmt.Sscan(r.URL.Query().Get("status"), &status)
		w.Header().Set(r.URL.Query().Get("header"), r.URL.Query().Get("to"))
		w.WriteHeader(status)
	})
	client := reaching(t, Options{Allow: []string{allow}, Redirects: 5}, liar)
	targets := []string{
		"http://127.0.0.1:PORT/", "http://localhost:PORT/", "http://[::1]:PORT/", "http://evil.example.com:PORT/", "//127.0.0.1:PORT/",
		"//localhost:PORT", `\\127.0.0.1:PORT/`, `/\127.0.0.1:PORT/`, "http://u:p@127.0.0.1:PORT/", "https://127.0.0.1:PORT/",
		"HTTP://127.0.0.1:PORT", "http://0x7f.1:PORT/", "http://[::ffff:127.0.0.1]:PORT/", " http://127.0.0.1:PORT/",
		"file:///etc/passwd", "gopher://127.0.0.1:PORT/", "http://[", "http:127.0.0.1:PORT",
	}
	for _, target := range targets {
		for _, status := range []int{301, 302, 303, 307, 308} {
			query := url.Values{"status": {fmt.Sprint(status)}, "header": {"Location"}, "to": {strings.ReplaceAll(target, "PORT", c.port)}}
			for _, method := range []string{http.MethodGet, http.MethodPost} {
				answer, err := Send(t.Context(), client, Request{Method: method, URL: home.URL, Query: query, Body: []byte("secret")})
				switch {
				case err == nil && answer.URL.Host != allow:
					t.Errorf("%d to %s: got an answer of %s", status, target, answer.URL.Host)
				case err != nil:
					codeOf(t, err)
				}
			}
		}
	}
	refresh := url.Values{"status": {"200"}, "header": {"Refresh"}, "to": {"0; url=http://127.0.0.1:" + c.port}}
	if _, err := Send(t.Context(), client, Request{URL: home.URL, Query: refresh}); err != nil {
		t.Errorf("got %v, want a Refresh left alone", err)
	}
	c.untouched(t)
}

func TestRedirectsAreFollowedAsOftenAsIsAllowed(t *testing.T) {
	t.Parallel()
	home, allow := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if left := len(r.URL.Path) - 1; left > 0 {
			http.Redirect(w, r, r.URL.Path[:left], http.StatusFound)
		}
	})
	client := reaching(t, Options{Allow: []string{allow}, Redirects: 3}, liar)
	if answer, err := Send(t.Context(), client, Request{URL: home.URL + "/123"}); err != nil || answer.URL.Path != "/" {
		t.Errorf("got %+v, %v; want the end of three redirects", answer, err)
	}
	_, err := Send(t.Context(), client, Request{URL: home.URL + "/1234"})
	if codeOf(t, err) != ordinaut.CodeEgressFailed || !strings.Contains(err.Error(), allow+" redirected more than 3 times") {
		t.Errorf("got %v, want too many redirects", err)
	}
	answer, err := Send(t.Context(), WithoutRedirects(client), Request{URL: home.URL + "/1?token=x"})
	if err != nil || answer.Status != http.StatusFound {
		t.Errorf("got %+v, %v; want the redirect itself", answer, err)
	}
}

func TestSecretsStayWithTheirOrigin(t *testing.T) {
	t.Parallel()
	var abroad http.Header
	stranger, strange := serve(t, func(w http.ResponseWriter, r *http.Request) {
		abroad = r.Header
		if back := r.URL.Query().Get("back"); back != "" {
			http.Redirect(w, r, back, http.StatusFound)
		}
	})
	var home *httptest.Server
	var atHome http.Header
	home, allow := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/inside":
			http.Redirect(w, r, "/end", http.StatusTemporaryRedirect)
		case "/out":
			http.Redirect(w, r, stranger.URL, http.StatusFound)
		case "/out-and-back":
			http.Redirect(w, r, stranger.URL+"?back="+url.QueryEscape(home.URL+"/end"), http.StatusFound)
		case "/end":
			atHome = r.Header
		}
	})
	client := reaching(t, Options{Allow: []string{strange, allow}, Redirects: 5, UserAgent: "ordinaut/test"}, liar)
	header := map[string]string{"Authorization": "Bearer s", "Cookie": "s", "X-Api-Key": "s", "Accept": "text/plain"}
	kept := http.Header{"Accept": {"text/plain"}, "Accept-Encoding": {"gzip"}, "User-Agent": {"ordinaut/test"}}

	for _, path := range []string{"/out", "/out-and-back"} {
		if _, err := Send(t.Context(), client, Request{URL: home.URL + path + "?key=s", Header: header}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(kept, abroad); diff != "" {
			t.Errorf("%s: header abroad (-want +got):\n%s", path, diff)
		}
	}
	if diff := cmp.Diff(kept, atHome); diff != "" {
		t.Errorf("header after a stranger sent it back (-want +got):\n%s", diff)
	}
	if _, err := Send(t.Context(), client, Request{URL: home.URL + "/inside", Header: header}); err != nil || atHome.Get("X-Api-Key") != "s" {
		t.Errorf("got %v, %v; want the header to follow within one origin", atHome, err)
	}
}

func TestABodyStaysWithItsOrigin(t *testing.T) {
	t.Parallel()
	var came atomic.Int64
	stranger, strange := serve(t, func(http.ResponseWriter, *http.Request) { came.Add(1) })
	home, allow := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, stranger.URL, http.StatusPermanentRedirect)
	})
	client := reaching(t, Options{Allow: []string{strange, allow}, Redirects: 5}, liar)
	_, err := Send(t.Context(), client, Request{Method: http.MethodPost, URL: home.URL, Body: []byte("secret")})
	if codeOf(t, err) != ordinaut.CodeEgressDenied || came.Load() > 0 {
		t.Errorf("got %v and %d requests, want the body to stay", err, came.Load())
	}
	if _, err := Send(t.Context(), client, Request{URL: home.URL}); err != nil || came.Load() != 1 {
		t.Errorf("got %v and %d requests, want a request without a body to go", err, came.Load())
	}
}

func TestOriginsAreComparedByWhatTheyMean(t *testing.T) {
	t.Parallel()
	for a, same := range map[string]bool{
		"http://example.com":       true,
		"http://EXAMPLE.com:80/x":  true,
		"https://example.com":      false,
		"http://example.com:443":   false,
		"http://example.com:8080":  false,
		"http://www.example.com":   false,
		"http://example.com.":      false,
		"http://example.com/x?y#z": true,
	} {
		u, err := url.Parse(a)
		if err != nil {
			t.Fatal(err)
		}
		home := &url.URL{Scheme: "http", Host: "example.com"}
		if got := origin(u) == origin(home); got != same {
			t.Errorf("%s: got the same origin %v, want %v", a, got, same)
		}
	}
}
