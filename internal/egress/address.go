package egress

import "net/netip"

// network is a part of the address space that is not the public internet, and
// what an address in it is called.
type network struct {
	netip.Prefix
	name string
}

// reservedNetworks lists what is not the public internet, the most telling name
// first: the special-purpose registries of IANA (RFC 6890), as far as they are
// not globally reachable. Of IPv6 only 2000::/3 has been given out, so that the
// rest is refused as a whole.
func reservedNetworks() []network {
	in := func(prefix, name string) network { return network{netip.MustParsePrefix(prefix), name} }
	return []network{
		in("0.0.0.0/8", "an unspecified address"),
		in("10.0.0.0/8", "a private address"),
		in("100.64.0.0/10", "an address behind a carrier's NAT"),
		in("127.0.0.0/8", "a loopback address"),
		in("169.254.0.0/16", "a link-local address, as cloud metadata has"),
		in("172.16.0.0/12", "a private address"),
		in("192.0.0.0/24", "an address of a protocol"),
		in("192.0.2.0/24", "an address for documentation"),
		in("192.88.99.0/24", "an address of a 6to4 relay"),
		in("192.168.0.0/16", "a private address"),
		in("198.18.0.0/15", "an address for benchmarks"),
		in("198.51.100.0/24", "an address for documentation"),
		in("203.0.113.0/24", "an address for documentation"),
		in("224.0.0.0/4", "a multicast address"),
		in("255.255.255.255/32", "the broadcast address"),
		in("240.0.0.0/4", "a reserved address"),

		in("::/128", "an unspecified address"),
		in("::1/128", "a loopback address"),
		in("fc00::/7", "a private address"),
		in("fe80::/10", "a link-local address"),
		in("fec0::/10", "a private address"),
		in("ff00::/8", "a multicast address"),
		in("2001:db8::/32", "an address for documentation"),
		in("2001::/23", "an address of a protocol"), // Teredo, benchmarks and ORCHID among them
		in("2002::/16", "an address of a 6to4 tunnel"),
		in("3fff::/20", "an address for documentation"),
		in("::/3", "a reserved address"),
		in("4000::/2", "a reserved address"),
		in("8000::/1", "a reserved address"),
	}
}

// plain is an address in the form in which it is compared. A zone would keep it
// out of every network, and an IPv4 address may be written as IPv6.
func plain(a netip.Addr) netip.Addr {
	a = a.WithZone("").Unmap()
	if translated := netip.MustParsePrefix("64:ff9b::/96"); translated.Contains(a) {
		b := a.As16()
		return netip.AddrFrom4([4]byte(b[12:]))
	}
	return a
}

// nameIn is what an address in one of the networks is called, or "".
func nameIn(networks []network, a netip.Addr) string {
	for _, n := range networks {
		if n.Contains(a) {
			return n.name
		}
	}
	return ""
}
