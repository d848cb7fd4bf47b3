package egress

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/ordinaut/ordinaut"
	"pgregory.net/rapid"
)

func TestWhatIsAllowedIsReached(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(server.Close)
	_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	v4 := func(string) (string, []netip.Addr) { return "", []netip.Addr{netip.MustParseAddr("127.0.0.1")} }
	tests := []struct {
		name, allow, host string
		reached           bool
	}{
		{"an address", "127.0.0.1", "127.0.0.1", true},
		{"an address with its port", "127.0.0.1:PORT", "127.0.0.1", true},
		{"an address with another port", "127.0.0.1:1", "127.0.0.1", false},
		{"an address, asked for by a name", "127.0.0.1", "nas.example.com", true},
		{"an address as IPv6 writes it", "::ffff:127.0.0.1", "127.0.0.1", true},
		{"a network", "127.0.0.0/8", "127.0.0.1", true},
		{"another network", "10.0.0.0/8", "127.0.0.1", false},
		{"a network with more than its prefix", "127.1.2.3/8", "nas.example.com", true},
		{"a host", "nas.example.com", "nas.example.com", true},
		{"a host in another case and with a dot", "NAS.example.com.", "nas.EXAMPLE.com", true},
		{"a host with its port", "nas.example.com:PORT", "nas.example.com", true},
		{"a host with another port", "nas.example.com:1", "nas.example.com", false},
		{"a host does not allow its address", "nas.example.com", "127.0.0.1", false},
		{"a host does not allow another", "nas.example.com", "evil.example.com", false},
		{"a host does not allow those below it", "example.com", "nas.example.com", false},
		{"localhost", "localhost", "localhost", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			client := reaching(t, Options{Allow: []string{strings.ReplaceAll(tt.allow, "PORT", port)}}, v4)
			_, err := Send(t.Context(), client, Request{URL: "http://" + net.JoinHostPort(tt.host, port)})
			if tt.reached && err != nil {
				t.Errorf("got %v, want an answer", err)
			}
			if !tt.reached && codeOf(t, err) != ordinaut.CodeEgressDenied {
				t.Errorf("got %v, want it denied", err)
			}
		})
	}
}

func TestTheCanarySingsWhenItIsReached(t *testing.T) {
	t.Parallel()
	c := newCanary(t)
	client := reaching(t, Options{Allow: []string{"127.0.0.1"}}, liar)
	if _, err := Send(t.Context(), client, Request{URL: "http://127.0.0.1:" + c.port}); err == nil || c.accepted.Load() == 0 {
		t.Errorf("got %v and %d connections, want a connection that breaks off", err, c.accepted.Load())
	}
}

func TestARebindingNameDoesNotReachTheCanary(t *testing.T) {
	t.Parallel()
	public, here := netip.MustParseAddr("9.9.9.9"), netip.MustParseAddr("127.0.0.1")
	tests := []struct {
		name   string
		answer func(n int64) (string, []netip.Addr)
	}{
		{"public first, then here", func(n int64) (string, []netip.Addr) {
			if n == 1 {
				return "", []netip.Addr{public}
			}
			return "", []netip.Addr{here}
		}},
		{"both in one answer", func(int64) (string, []netip.Addr) { return "", []netip.Addr{public, here} }},
		{"both the other way round", func(int64) (string, []netip.Addr) { return "", []netip.Addr{here, public} }},
		{"here, by another name", func(int64) (string, []netip.Addr) { return "public.example.com", []netip.Addr{here} }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := newCanary(t)
			var asked atomic.Int64
			// From this source the kernel sends nothing to a public address.
			from := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}
			client := dialing(t, Options{}, net.Dialer{LocalAddr: from, Resolver: resolver(func(string) (string, []netip.Addr) {
				return tt.answer(asked.Add(1))
			})})
			for range 3 {
				if answer, err := Send(t.Context(), client, Request{URL: "http://rebind.example.com:" + c.port}); err == nil {
					t.Errorf("got %+v, want an error", answer)
				}
			}
			c.untouched(t)
		})
	}
}

func TestAConnectionThatIsKeptWasCheckedForItsName(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(server.Close)
	_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	client := reaching(t, Options{Allow: []string{"good.example.com"}}, liar)
	for range 2 {
		if _, err := Send(t.Context(), client, Request{URL: "http://good.example.com:" + port}); err != nil {
			t.Fatal(err)
		}
		_, err := Send(t.Context(), client, Request{URL: "http://evil.example.com:" + port})
		if codeOf(t, err) != ordinaut.CodeEgressDenied {
			t.Errorf("got %v, want it denied while a connection to the same address is open", err)
		}
	}
}

func TestTheEnvironmentNamesNoProxy(t *testing.T) {
	c := newCanary(t)
	proxy := "http://127.0.0.1:" + c.port
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"} {
		t.Setenv(name, proxy)
	}
	client := Public()
	for _, target := range []string{"http://203.0.113.1/", "https://203.0.113.1/"} {
		if _, err := Send(t.Context(), client, Request{URL: target}); codeOf(t, err) != ordinaut.CodeEgressDenied {
			t.Errorf("got %v, want it denied without a proxy in between", err)
		}
	}
	if client.Transport.(*transport).next.Proxy != nil {
		t.Error("got a way to choose a proxy, want none")
	}
	c.untouched(t)
}

func TestAnAddressHasOneVerdictHoweverItIsWrapped(t *testing.T) {
	t.Parallel()
	g := &guard{reserved: reservedNetworks()}
	rapid.Check(t, func(t *rapid.T) {
		var b [4]byte
		copy(b[:], rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(t, "address"))
		v4 := netip.AddrFrom4(b)
		want := g.check("h", netip.AddrPortFrom(v4, 80).String()) == nil
		translated := netip.MustParseAddr("64:ff9b::").As16()
		copy(translated[12:], b[:])
		for _, wrapped := range []netip.Addr{netip.AddrFrom16(v4.As16()), netip.AddrFrom16(translated), netip.AddrFrom16(translated).WithZone("eth0")} {
			if got := g.check("h", netip.AddrPortFrom(wrapped, 80).String()) == nil; got != want {
				t.Errorf("%v: got allowed %v, want %v as for %v", wrapped, got, want, v4)
			}
		}
	})
}

func TestReservedNetworksAreReservedToTheirEdges(t *testing.T) {
	t.Parallel()
	g := &guard{reserved: reservedNetworks()}
	allowed := func(a string) bool {
		return g.check("h", netip.AddrPortFrom(netip.MustParseAddr(a), 443).String()) == nil
	}
	for _, edge := range []struct{ before, first, last, after string }{
		{"", "0.0.0.0", "0.255.255.255", "1.0.0.0"},
		{"9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0"},
		{"100.63.255.255", "100.64.0.0", "100.127.255.255", "100.128.0.0"},
		{"126.255.255.255", "127.0.0.0", "127.255.255.255", "128.0.0.0"},
		{"169.253.255.255", "169.254.0.0", "169.254.255.255", "169.255.0.0"},
		{"172.15.255.255", "172.16.0.0", "172.31.255.255", "172.32.0.0"},
		{"191.255.255.255", "192.0.0.0", "192.0.0.255", "192.0.1.0"},
		{"192.0.1.255", "192.0.2.0", "192.0.2.255", "192.0.3.0"},
		{"192.88.98.255", "192.88.99.0", "192.88.99.255", "192.88.100.0"},
		{"192.167.255.255", "192.168.0.0", "192.168.255.255", "192.169.0.0"},
		{"198.17.255.255", "198.18.0.0", "198.19.255.255", "198.20.0.0"},
		{"198.51.99.255", "198.51.100.0", "198.51.100.255", "198.51.101.0"},
		{"203.0.112.255", "203.0.113.0", "203.0.113.255", "203.0.114.0"},
		{"223.255.255.255", "224.0.0.0", "255.255.255.255", ""},
		{"", "::", "1fff:ffff::", "2000::"},
		{"2000:ffff::", "2001::", "2001:1ff:ffff::", "2001:200::"},
		{"2001:db7:ffff::", "2001:db8::", "2001:db8:ffff::", "2001:db9::"},
		{"2001:ffff::", "2002::", "2002:ffff::", "2003::"},
		{"3ffe:ffff::", "3fff::", "3fff:fff:ffff::", "3fff:1000::"},
		{"3fff:ffff::", "4000::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", ""},
	} {
		for _, a := range []string{edge.first, edge.last} {
			if allowed(a) {
				t.Errorf("got %s allowed, want it refused", a)
			}
		}
		for _, a := range []string{edge.before, edge.after} {
			if a != "" && !allowed(a) {
				t.Errorf("got %s refused, want it allowed", a)
			}
		}
	}
}

func TestEntriesThatCannotBeReadAreNamed(t *testing.T) {
	t.Parallel()
	_, err := New(Options{Allow: []string{"10.0.0.0/8", "http://nas.local", "10.0.0.0/33", "nas.local:0", "nas.local:http", "", "*.local", "nas..local", "[::1", "müller.example", "[::1]:80", "::1"}})
	var e *ordinaut.Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want an error", err)
	}
	var got []string
	for _, f := range e.All() {
		got = append(got, fmt.Sprintf("%s %s", f.At, f.Message))
	}
	want := []string{
		`/allow/1 "http://nas.local" cannot be allowed: it is no network`,
		`/allow/2 "10.0.0.0/33" cannot be allowed: it is no network`,
		`/allow/3 "nas.local:0" cannot be allowed: its port is no number from 1 to 65535`,
		`/allow/4 "nas.local:http" cannot be allowed: its port is no number from 1 to 65535`,
		`/allow/5 "" cannot be allowed: it is no host name`,
		`/allow/6 "*.local" cannot be allowed: it is no host name`,
		`/allow/7 "nas..local" cannot be allowed: it is no host name`,
		`/allow/8 "[::1" cannot be allowed: it is no host name`,
		`/allow/9 "müller.example" cannot be allowed: it is no host name`,
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestTheEndOfTheContextIsToldAsItIs(t *testing.T) {
	t.Parallel()
	isItself := func(t *testing.T, err error) {
		t.Helper()
		if !errors.Is(err, context.Canceled) || errors.As(err, new(*ordinaut.Error)) {
			t.Errorf("got %v, want the end of the context", err)
		}
	}
	t.Run("before the answer", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		server, allow := serve(t, func(_ http.ResponseWriter, r *http.Request) {
			cancel()
			<-r.Context().Done()
		})
		_, err := Send(ctx, reaching(t, Options{Allow: []string{allow}}, liar), Request{URL: server.URL})
		isItself(t, err)
	})
	t.Run("within the answer", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		server, allow := serve(t, func(w http.ResponseWriter, r *http.Request) {
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		})
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := reaching(t, Options{Allow: []string{allow}}, liar).Do(req)
		if err != nil {
			t.Fatal(err)
		}
		cancel()
		_, err = io.ReadAll(resp.Body)
		isItself(t, err)
		_ = resp.Body.Close()
	})
}

func TestErrorsOfTheNetworkAreTold(t *testing.T) {
	t.Parallel()
	plain := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(plain.Close)
	encrypted := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	encrypted.Config.ErrorLog = log.New(io.Discard, "", 0)
	encrypted.StartTLS()
	t.Cleanup(encrypted.Close)
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = closed.Close()
	nobody := func(string) (string, []netip.Addr) { return "", nil }
	tests := []struct{ name, url, want string }{
		{"no such name", "http://nobody.example.com", "there is no host named nobody.example.com"},
		{"nothing listens", "http://" + closed.Addr().String(), "nothing listens at " + closed.Addr().String()},
		{"a certificate of nobody", encrypted.URL, "the certificate of 127.0.0.1:PORT is signed by nobody who is trusted"},
		{"no TLS", strings.Replace(plain.URL, "http:", "https:", 1), "127.0.0.1:PORT does not speak TLS there"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			client := reaching(t, Options{Allow: []string{"127.0.0.1"}}, nobody)
			_, err := Send(t.Context(), client, Request{URL: tt.url})
			if codeOf(t, err) != ordinaut.CodeEgressFailed {
				t.Fatalf("got %v, want egress.failed", err)
			}
			u, _ := url.Parse(tt.url)
			if want := strings.ReplaceAll(tt.want, "PORT", u.Port()); ordinaut.AsError(err).Message != want {
				t.Errorf("got %q, want %q", ordinaut.AsError(err).Message, want)
			}
		})
	}
}

func TestEachErrorOfTheNetworkHasItsWords(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]error{
		"the name h could not be looked up":                         &net.DNSError{Err: "server misbehaving", Server: "10.0.0.2:53"},
		"there is no host named h":                                  &net.DNSError{IsNotFound: true},
		"the certificate of h:443 has expired or is not valid yet":  x509.CertificateInvalidError{Reason: x509.Expired},
		"the certificate of h:443 is for another name":              x509.HostnameError{},
		"the certificate of h:443 is not accepted: x509: malformed": &tls.CertificateVerificationError{Err: errors.New("x509: malformed")},
		"h:443 refused the TLS handshake: tls: handshake failure":   tls.AlertError(40),
		"nothing listens at h:443":                                  &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED},
		"h:443 did not answer in time":                              &net.OpError{Op: "dial", Err: os.ErrDeadlineExceeded},
		"the request to h:443 failed":                               io.ErrUnexpectedEOF,
	} {
		if got, fix := explain("h", "h:443", err); got != want || fix == "" {
			t.Errorf("%v: got %q and the fix %q, want %q", err, got, fix, want)
		}
	}
}

func TestAnswersComeByHTTP2Too(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s%s", r.Proto, strings.Repeat("!", len(r.URL.Path)-1))
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	client := reaching(t, Options{Allow: []string{"127.0.0.1"}, MaxBytes: 10}, liar)
	client.Transport.(*transport).next.TLSClientConfig = server.Client().Transport.(*http.Transport).TLSClientConfig
	if answer, err := Send(t.Context(), client, Request{URL: server.URL}); err != nil || string(answer.Body) != "HTTP/2.0" {
		t.Errorf("got %+v, %v; want HTTP/2.0", answer, err)
	}
	if _, err := Send(t.Context(), client, Request{URL: server.URL + "/123"}); codeOf(t, err) != ordinaut.CodeEgressTooLarge {
		t.Errorf("got %v, want egress.too_large", err)
	}
}
