package cli

import (
	"cmp"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"strings"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/auth"
)

// defaultURL is where a server listens when nothing else is said.
const defaultURL = "http://127.0.0.1:8080"

// target is the server to ask, and with which token.
type target struct {
	base  *url.URL
	token string
}

// target finds the server and the token. The key in the data folder is the key
// of the server on this computer, so it never goes to another one.
func (a *app) target() (target, error) {
	dir := a.folder()
	text := cmp.Or(a.url, a.Env("ORDINAUT_URL"), findRunning(dir).URL, defaultURL)
	base, err := url.Parse(text)
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return target{}, &ordinaut.Error{
			Code: ordinaut.CodeCommandUsage, Message: fmt.Sprintf("%q is not the URL of a server", text),
			Fix: "give it with its scheme", Examples: []string{defaultURL},
		}
	}
	if base.User != nil {
		return target{}, &ordinaut.Error{
			Code: ordinaut.CodeCommandUsage, Message: "the URL of the server must not contain a password",
			Fix: "put the token into ORDINAUT_TOKEN_FILE or ORDINAUT_TOKEN",
		}
	}
	t := target{base: base, token: a.Env("ORDINAUT_TOKEN")}
	if file := a.Env("ORDINAUT_TOKEN_FILE"); t.token == "" && file != "" {
		text, err := os.ReadFile(file)
		if err != nil {
			return target{}, &ordinaut.Error{
				Code: ordinaut.CodeCommandUsage, Message: "ORDINAUT_TOKEN_FILE cannot be read: " + err.Error(),
				Fix: "name a file that holds the token and nothing else",
			}
		}
		t.token = strings.TrimSpace(string(text))
	}
	if t.token == "" && dir != "" && local(base.Hostname()) {
		t.token, _ = auth.ReadKey(dir) // without one the server says what is missing
	}
	return t, nil
}

// folder is the data folder that was asked for; "" when there is none.
func (a *app) folder() string {
	if a.dataDir != "" {
		return a.dataDir
	}
	dir, _ := DataDir(a.Env)
	return dir
}

// local says whether a host name is this computer.
func local(host string) bool {
	if addr, err := netip.ParseAddr(host); err == nil {
		return addr.IsLoopback()
	}
	return host == "localhost"
}

// unreachable is the fault of a server that does not answer.
func unreachable(base *url.URL, err error) error {
	e := &ordinaut.Error{
		Code:    ordinaut.CodeCommandServer,
		Message: "no server answers at " + base.String(),
		Fix:     "name the server with --url or ORDINAUT_URL",
		Err:     err,
	}
	if local(base.Hostname()) {
		e.Fix = "start it: ordinaut dev"
	}
	if _, port, _ := net.SplitHostPort(base.Host); port == "" && base.Scheme == "http" {
		e.Fix += "; the URL names no port, and 8080 is the usual one"
	}
	return e
}
