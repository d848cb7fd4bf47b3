package egress

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/ordinaut/ordinaut"
)

// allowance is one entry of Options.Allow: a host, or a network of addresses.
type allowance struct {
	host    string       // "" in the entry of a network
	network netip.Prefix // of one address, in the entry of an address
	port    uint16       // 0 is every port
}

// parseAllow reads the entries, and reports every one that cannot be read.
func parseAllow(entries []string) ([]allowance, error) {
	var faults ordinaut.Errors
	all := make([]allowance, 0, len(entries))
	for i, entry := range entries {
		a, err := parseAllowance(strings.TrimSpace(entry))
		if err != nil {
			faults.Add(&ordinaut.Error{
				Code:     ordinaut.CodeFieldValue,
				At:       "/allow/" + strconv.Itoa(i),
				Sent:     entry,
				Message:  fmt.Sprintf("%q cannot be allowed: %v", entry, err),
				Fix:      "name a host, an address or a network, without a scheme and a path",
				Examples: []string{"nas.local:8080", "10.0.0.7", "10.0.0.0/8"},
			})
		}
		all = append(all, a)
	}
	return all, faults.Err()
}

func parseAllowance(entry string) (allowance, error) {
	if strings.Contains(entry, "/") {
		prefix, err := netip.ParsePrefix(entry)
		if err != nil {
			return allowance{}, errors.New("it is no network")
		}
		return allowance{network: prefix.Masked()}, nil
	}
	if a, err := parseAddr(entry); err == nil {
		return allowAddr(a, 0), nil
	}
	host, port, err := splitPort(entry)
	if err != nil {
		return allowance{}, err
	}
	if a, err := parseAddr(host); err == nil {
		return allowAddr(a, port), nil
	}
	host = canonicalHost(host)
	if !isHostName(host) {
		return allowance{}, errors.New("it is no host name")
	}
	return allowance{host: host, port: port}, nil
}

// parseAddr reads an address, which may stand in brackets as in a URL.
func parseAddr(text string) (netip.Addr, error) {
	if strings.HasPrefix(text, "[") && strings.HasSuffix(text, "]") {
		text = text[1 : len(text)-1]
	}
	return netip.ParseAddr(text)
}

func allowAddr(a netip.Addr, port uint16) allowance {
	a = plain(a)
	return allowance{network: netip.PrefixFrom(a, a.BitLen()), port: port}
}

// splitPort takes the port from the end of an entry, if there is one.
func splitPort(entry string) (host string, port uint16, err error) {
	colon := strings.LastIndexByte(entry, ':')
	if colon < 0 {
		return entry, 0, nil
	}
	n, err := strconv.ParseUint(entry[colon+1:], 10, 16)
	if err != nil || n == 0 {
		return "", 0, errors.New("its port is no number from 1 to 65535")
	}
	return entry[:colon], uint16(n), nil
}

// canonicalHost is the form in which host names are compared.
func canonicalHost(host string) string {
	return strings.ToLower(strings.TrimSuffix(host, "."))
}

// isHostName reports whether a name in lower case can be looked up: letters,
// digits, hyphens and underscores between dots. Names in other scripts are
// written as they are looked up, as xn--….
func isHostName(name string) bool {
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return false
		}
	}
	return true
}

// covers reports whether the entry allows a connection to an address, asked for
// under the name of a host.
func (a allowance) covers(host string, to netip.AddrPort) bool {
	if a.port != 0 && a.port != to.Port() {
		return false
	}
	if a.host != "" {
		return a.host == canonicalHost(host)
	}
	return a.network.Contains(to.Addr())
}
