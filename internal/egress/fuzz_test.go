package egress

import (
	"net"
	"strings"
	"testing"
)

// FuzzURL sends to any URL, with a DNS that says of every name that it is here.
// Whatever the text is, the canary hears nothing. Nothing leaves the machine
// either: the kernel sends nothing to a public address from this source.
func FuzzURL(f *testing.F) {
	c := newCanary(f)
	for _, spelling := range spellings() {
		f.Add(strings.ReplaceAll(spelling, "PORT", c.port))
	}
	from := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}
	client := dialing(f, Options{Redirects: 3}, net.Dialer{LocalAddr: from, Resolver: resolver(liar)})
	f.Fuzz(func(t *testing.T, text string) {
		if answer, err := Send(t.Context(), client, Request{URL: text}); err == nil {
			t.Errorf("got %+v, want an error", answer)
		} else {
			codeOf(t, err)
		}
		c.untouched(t)
	})
}
