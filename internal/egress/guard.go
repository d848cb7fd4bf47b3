package egress

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"syscall"

	"github.com/ordinaut/ordinaut"
)

// guard makes connections, to addresses that may be reached.
type guard struct {
	allowed  []allowance
	reserved []network
	dialer   net.Dialer
}

// dial connects to host:port. The dialer resolves the host and tries its
// addresses; each one is checked when its socket has been made and is not yet
// connected.
func (g *guard) dial(ctx context.Context, network, hostPort string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(hostPort)
	if err != nil {
		return nil, err
	}
	d := g.dialer
	d.ControlContext = func(_ context.Context, _, address string, _ syscall.RawConn) error {
		return g.check(host, address)
	}
	return d.DialContext(ctx, network, hostPort)
}

// check says why an address, asked for under the name of a host, may not be
// reached.
func (g *guard) check(host, address string) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return denied(host, address, "no address")
	}
	to = netip.AddrPortFrom(plain(to.Addr()), to.Port())
	name := nameIn(g.reserved, to.Addr())
	if name == "" || slices.ContainsFunc(g.allowed, func(a allowance) bool { return a.covers(host, to) }) {
		return nil
	}
	return denied(host, to.String(), name)
}

// denied is the error about an address that may not be reached.
func denied(host, address, name string) *ordinaut.Error {
	leads := host + " is " + name
	if ip, _, _ := net.SplitHostPort(address); host != ip {
		leads = fmt.Sprintf("%s leads to %s, %s", host, ip, name)
	}
	return &ordinaut.Error{
		Code:    ordinaut.CodeEgressDenied,
		Sent:    host,
		Message: leads + ": only the public internet may be reached",
		Fix:     "use a public address, or have the operator of the server start it with --allow-address " + address,
	}
}
