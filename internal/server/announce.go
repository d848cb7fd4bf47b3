package server

import (
	"cmp"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/auth"
)

// announce says to people what is where.
func (s *server) announce(url string) error {
	if s.settings.Serving {
		return s.announceServing(url)
	}
	_, err := fmt.Fprintf(s.settings.Out, `Ordinaut %s, this computer only
  API        %s/v1   (description: /openapi.json)
  Data       %s
  Key        %s
  Time zone  %s

  Next       %s tasks create -f examples/hello.json
Ctrl-C stops. Tasks that fall due meanwhile follow their catch-up policy at the next start.
`, s.settings.Version, url, s.settings.DataDir, filepath.Join(s.settings.DataDir, auth.KeyFile), s.zone, cmp.Or(s.settings.Command, "ordinaut"))
	return err
}

func (s *server) announceServing(url string) error {
	out := fmt.Appendf(nil, "Ordinaut %s serves as %s\n", s.settings.Version, s.settings.Worker)
	line := func(name, text string) { out = fmt.Appendf(out, "  %-10s %s\n", name, text) }
	line("Roles", rolesText(s.settings.Roles))
	if ordinaut.RoleAPI.Has(s.settings.Roles) {
		line("API", url+"/v1   (description: /openapi.json)")
		line("Key", cmp.Or(s.settings.KeyFile, filepath.Join(s.settings.DataDir, auth.KeyFile)))
	}
	line("Health", url+"/readyz")
	if s.settings.DatabaseURL != "" {
		line("Database", withoutPassword(s.settings.DatabaseURL))
	} else {
		line("Data", s.settings.DataDir)
	}
	line("Time zone", s.zone)
	_, err := s.settings.Out.Write(out)
	return err
}

// rolesText names roles; none are all of them.
func rolesText(given []ordinaut.Role) string {
	var names []string
	for _, r := range ordinaut.Roles() {
		if r.Has(given) {
			names = append(names, string(r))
		}
	}
	return strings.Join(names, ", ")
}

// withoutPassword is a URL as it may be shown.
func withoutPassword(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return "(a URL that cannot be read)"
	}
	q := u.Query()
	if q.Has("password") {
		q.Set("password", "xxxxx")
		u.RawQuery = q.Encode()
	}
	return u.Redacted()
}
