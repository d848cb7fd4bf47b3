package egress

import (
	"strings"
	"testing"

	"github.com/ordinaut/ordinaut"
)

// spellings are ways to write an address that may not be reached; PORT is the
// canary's. Names are answered by a DNS that says 127.0.0.1 and ::1 to
// everything, so that no spelling is safe because nobody knows it.
func spellings() []string {
	return append(strings.Fields(`
		http://127.0.0.1:PORT/            http://127.0.0.1:PORT              http://127.0.0.1.:PORT/
		http://127.0.0.2:PORT/            http://127.255.255.254:PORT/       http://127.1:PORT/
		http://127.0.1:PORT/              http://2130706433:PORT/            http://017700000001:PORT/
		http://0x7f000001:PORT/           http://0X7F000001:PORT/            http://0x7f.0.0.1:PORT/
		http://0x7f.0x0.0x0.0x1:PORT/     http://0177.0.0.1:PORT/            http://0177.0.0.01:PORT/
		http://127.000.000.001:PORT/      http://0000127.0.0.1:PORT/         http://0.0.0.0:PORT/
		http://0:PORT/                    http://0.0:PORT/                   http://00000000:PORT/
		http://localhost:PORT/            http://LOCALHOST:PORT/             http://LocalHost.:PORT/
		http://localhost.localdomain:PORT/ http://foo.localhost:PORT/        http://localhost6:PORT/
		http://ip6-localhost:PORT/        http://127.0.0.1.nip.io:PORT/      http://spoofed.example.com:PORT/
		http://[::1]:PORT/                http://[0:0:0:0:0:0:0:1]:PORT/     http://[0000::0001]:PORT/
		http://[::]:PORT/                 http://[::0.0.0.0]:PORT/           http://[::127.0.0.1]:PORT/
		http://[::7f00:1]:PORT/           http://[::ffff:127.0.0.1]:PORT/    http://[::FFFF:7f00:1]:PORT/
		http://[0:0:0:0:0:ffff:127.0.0.1]:PORT/ http://[::ffff:0:127.0.0.1]:PORT/ http://[64:ff9b::127.0.0.1]:PORT/
		http://[64:ff9b::7f00:1]:PORT/    http://[64:ff9b:1::7f00:1]:PORT/   http://[2002:7f00:1::]:PORT/
		http://[2002:7f00:1::1]:PORT/     http://[2001:0:0:0:0:0:80ff:fffe]:PORT/ http://[::1%25lo]:PORT/
		http://[::1%25]:PORT/             http://[fe80::1%25lo]:PORT/        http://[fe80::1]:PORT/
		http://[::ffff:127.0.0.1%25lo]:PORT/ http://[fd00:ec2::254]:PORT/    http://[fc00::1]:PORT/
		http://user@127.0.0.1:PORT/       http://user:pass@127.0.0.1:PORT/   http://example.com@127.0.0.1:PORT/
		http://example.com:80@127.0.0.1:PORT/ http://127.0.0.1:PORT#@example.com/ http://127.0.0.1:PORT?@example.com/
		http://example.com%40127.0.0.1:PORT/ http://127.0.0.1:PORT\@example.com/ http://example.com\@127.0.0.1:PORT/
		http://127.0.0.1%2f@example.com:PORT/ http://%31%32%37.0.0.1:PORT/   http://127%2e0%2e0%2e1:PORT/
		http://%6c%6f%63%61%6c%68%6f%73%74:PORT/ http://１２７.0.0.1:PORT/   http://①②⑦.⓪.⓪.①:PORT/
		http://127。0。0。1:PORT/         http://ｌｏｃａｌｈｏｓｔ:PORT/    http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ:PORT/
		http://löcalhost:PORT/            http://xn--lcalhost-n4a:PORT/      http://loc%E2%80%8Balhost:PORT/
		http://127.0.0.1%00.example.com:PORT/ http://169.254.169.254/        http://169.254.169.254.:PORT/
		http://2852039166/                http://0xa9fea9fe/                 http://[::ffff:169.254.169.254]/
		http://metadata.google.internal/  http://10.0.0.1:PORT/              http://172.16.0.1:PORT/
		http://172.31.255.255:PORT/       http://192.168.1.1:PORT/           http://100.64.0.1:PORT/
		http://192.0.0.1:PORT/            http://192.0.2.1:PORT/             http://198.18.0.1:PORT/
		http://198.51.100.1:PORT/         http://203.0.113.1:PORT/           http://224.0.0.1:PORT/
		http://240.0.0.1:PORT/            http://255.255.255.255:PORT/       http://[ff02::1]:PORT/
		HTTP://127.0.0.1:PORT/            hTtP://localhost:PORT/             https://127.0.0.1:PORT/
		https://[::1]:PORT/               http:127.0.0.1:PORT/               http:/127.0.0.1:PORT/
		http:///127.0.0.1:PORT/           //127.0.0.1:PORT/                  127.0.0.1:PORT
		file:///etc/passwd                file://127.0.0.1:PORT/etc/passwd   gopher://127.0.0.1:PORT/_GET
		unix:///var/run/docker.sock       ftp://127.0.0.1:PORT/              dict://127.0.0.1:PORT/
		ws://127.0.0.1:PORT/              jar:http://127.0.0.1:PORT!/        javascript:alert(1)
		data:text/plain,hello             http+unix://127.0.0.1:PORT/        ldap://127.0.0.1:PORT/
	`), "http://loc\u200balhost:PORT/", "http://loc\u00adalhost:PORT/", " http://127.0.0.1:PORT/\t", "http://127.0.0.1:PORT/\r\nHost: x", "http://127.0.0.1 :PORT/")
}

func TestNoSpellingReachesTheCanary(t *testing.T) {
	t.Parallel()
	c := newCanary(t)
	client := reaching(t, Options{Redirects: 3}, liar)
	all := spellings()
	if len(all) < 60 {
		t.Fatalf("got %d spellings, want at least 60", len(all))
	}
	for _, spelling := range all {
		answer, err := Send(t.Context(), client, Request{URL: strings.ReplaceAll(spelling, "PORT", c.port)})
		if err == nil {
			t.Errorf("%s: got %+v, want an error", spelling, answer)
			continue
		}
		if code := codeOf(t, err); code != ordinaut.CodeEgressDenied && code != ordinaut.CodeFieldValue && code != ordinaut.CodeEgressFailed {
			t.Errorf("%s: got %s, want it to be denied", spelling, code)
		}
		t.Logf("%-45s %s", spelling, err)
	}
	c.untouched(t)
}
