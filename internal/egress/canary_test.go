package egress

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/ordinaut/ordinaut"
)

// canary listens on loopback and counts who comes. Nobody should.
type canary struct {
	port     string
	accepted atomic.Int64
}

// newCanary listens on one port of 127.0.0.1 and, where there is IPv6, of ::1.
func newCanary(t testing.TB) *canary {
	t.Helper()
	v4, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(v4.Addr().String())
	c := &canary{port: port}
	listeners := []net.Listener{v4}
	if v6, err := net.Listen("tcp6", "[::1]:"+port); err == nil {
		listeners = append(listeners, v6)
	}
	var accepting sync.WaitGroup
	for _, l := range listeners {
		accepting.Go(func() { c.accept(l) })
	}
	t.Cleanup(func() {
		for _, l := range listeners {
			_ = l.Close()
		}
		accepting.Wait()
	})
	return c
}

func (c *canary) accept(l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		c.accepted.Add(1)
		_ = conn.Close()
	}
}

// untouched fails the test when somebody came.
func (c *canary) untouched(t testing.TB) {
	t.Helper()
	if n := c.accepted.Load(); n > 0 {
		t.Errorf("the canary accepted %d connections, want 0", n)
	}
}

// lookup answers the DNS: the addresses of a name, and the name that it is an
// alias of, if it is one.
type lookup func(name string) (alias string, addresses []netip.Addr)

// liar says of every name that it is here.
func liar(string) (string, []netip.Addr) {
	return "", []netip.Addr{netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("::1")}
}

// resolver asks a DNS server that lives in memory. Its answers may not be kept.
func resolver(answer lookup) *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		go serveDNS(theirs, answer) // ends when the resolver closes its end
		return ours, nil
	}}
}

// serveDNS answers questions as RFC 1035, section 4.2.2 frames them.
func serveDNS(conn net.Conn, answer lookup) {
	defer conn.Close()
	for {
		var length [2]byte
		if _, err := io.ReadFull(conn, length[:]); err != nil {
			return
		}
		query := make([]byte, binary.BigEndian.Uint16(length[:]))
		if _, err := io.ReadFull(conn, query); err != nil {
			return
		}
		reply := dnsReply(query, answer)
		if _, err := conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(reply))), reply...)); err != nil {
			return
		}
	}
}

func dnsReply(query []byte, answer lookup) []byte {
	var labels []string
	at := 12
	for ; query[at] != 0; at += 1 + int(query[at]) {
		labels = append(labels, string(query[at+1:at+1+int(query[at])]))
	}
	question := query[12 : at+5]
	asked := binary.BigEndian.Uint16(query[at+1:])
	alias, addresses := answer(strings.Join(labels, "."))

	var records []byte
	count := uint16(0)
	owner := []byte{0xc0, 12} // the name in the question
	add := func(kind uint16, data []byte) {
		records = append(records, owner...)
		records = binary.BigEndian.AppendUint16(records, kind)
		records = append(records, 0, 1, 0, 0, 0, 0) // IN, and a TTL of 0
		records = binary.BigEndian.AppendUint16(records, uint16(len(data)))
		records = append(records, data...)
		count++
	}
	if alias != "" {
		name := dnsName(alias)
		add(5, name)
		owner = name
	}
	for _, a := range addresses {
		if a.Is4() && asked == 1 || a.Is6() && asked == 28 {
			add(asked, a.AsSlice())
		}
	}
	reply := append([]byte{query[0], query[1], 0x81, 0x80, 0, 1}, byte(count>>8), byte(count), 0, 0, 0, 0)
	return append(append(reply, question...), records...)
}

func dnsName(name string) (encoded []byte) {
	for label := range strings.SplitSeq(name, ".") {
		encoded = append(append(encoded, byte(len(label))), label...)
	}
	return append(encoded, 0)
}

// reaching is a client whose names are resolved as told.
func reaching(t testing.TB, o Options, answer lookup) *http.Client {
	t.Helper()
	return dialing(t, o, net.Dialer{Resolver: resolver(answer)})
}

func dialing(t testing.TB, o Options, d net.Dialer) *http.Client {
	t.Helper()
	allowed, err := parseAllow(o.Allow)
	if err != nil {
		t.Fatal(err)
	}
	c := newClient(o, allowed, d)
	t.Cleanup(c.CloseIdleConnections)
	return c
}

// codeOf is the code of an error that people can act on.
func codeOf(t testing.TB, err error) ordinaut.Code {
	t.Helper()
	var e *ordinaut.Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want an error with a code", err)
	}
	if e.Message == "" || e.Fix == "" {
		t.Errorf("got %+v, want a message and a fix", e)
	}
	return e.Code
}
