package toolfile_test

import (
	"fmt"
	"io/fs"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ordinaut/ordinaut/internal/toolfile"
)

// lookup has a small environment and two files.
func lookup() toolfile.Lookup {
	env := map[string]string{
		"TOKEN": "s3cret", "EMPTY": "", "ORDINAUT_INPUT_MY_KEY": "from-input", "BASE": "https://api.example.com",
		"EVIL": "${inject}", "TWO_LINES": "a\nb",
	}
	files := map[string]string{
		"/run/token": "from-file\r\n",
		"/team/.env": "# a remark\nexport A=1\nB = 'two words' # why\nC=\"x\\ny\"\nD=plain # why\nTOKEN=loses\nnot a line\n9=x\nE=\n",
		"/team/rel":  "relative",
	}
	return toolfile.Lookup{
		Env: func(name string) (string, bool) { value, ok := env[name]; return value, ok },
		ReadFile: func(path string) ([]byte, error) {
			if text, ok := files[path]; ok {
				return []byte(text), nil
			}
			return nil, fs.ErrNotExist
		},
		Home: "/people/ann", Dir: "/team",
	}
}

func parse(t *testing.T, text string) toolfile.File {
	t.Helper()
	f, err := toolfile.Parse("mcp.json", []byte(text))
	if err != nil {
		t.Fatal(faults(err))
	}
	return f
}

func TestReferencesOfEveryKind(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"plain":                     "plain",
		"${TOKEN}":                  "s3cret",
		"a ${TOKEN} b ${env:TOKEN}": "a s3cret b s3cret",
		"${EMPTY}":                  "",
		"${EMPTY:-x}":               "x",
		"${UNSET:-}":                "",
		"${UNSET:-a:-b c}":          "a:-b c",
		"${env:UNSET:-x}":           "x",
		"${input:my-key}":           "from-input",
		"${input:with default}":     "eu",
		"${file:/run/token}":        "from-file",
		"${file:rel}":               "relative",
		"${workspaceFolder}/x":      "/team/x",
		"${userHome}/${HOME}":       "/people/ann//people/ann",
		"$TOKEN":                    "s3cret",
		"Bearer $TOKEN":             "Bearer s3cret",
		"echo $TOKEN":               "echo $TOKEN",
		"$5 $ $$ a$b":               "$5 $ $$ a$b",
		"$${TOKEN} $$${TOKEN}":      "${TOKEN} $${TOKEN}",
		"${TOKEN":                   "${TOKEN",
		"${EVIL}":                   "${inject}",
	} {
		f := parse(t, fmt.Sprintf(`{
			"inputs": [{"id": "with default", "default": "eu"}],
			"mcpServers": {"s": {"command": "x", "args": [%q]}}}`, text))
		got, err := f.Resolve(lookup())
		if err != nil {
			t.Errorf("%s: %s", text, faults(err))
			continue
		}
		if got := got.Servers[0].Args[0]; got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
		if f.Servers[0].Args[0] != text {
			t.Errorf("%s: the file that was parsed has changed", text)
		}
	}
}

func TestReferencesOfEveryField(t *testing.T) {
	t.Parallel()
	f := parse(t, `{
		"mcpServers": {
			"program": {
				"command": "${workspaceFolder}/bin", "args": ["--token=${TOKEN}"], "cwd": "sub", "envFile": ".env",
				"env": {"TOKEN": "${TOKEN}"}},
			"remote": {"url": "${BASE}/mcp", "headers": {"Authorization": "Bearer ${TOKEN}"}},
			"off": {"command": "${UNSET}", "disabled": true}},
		"tools": {"a.b": {
			"method": "POST", "url": "${env:BASE}/items/${id}", "headers": {"A": "${env:TOKEN} ${x} $${env:TOKEN}"},
			"query": {"q": "${env:EVIL}"}, "body": {"list": ["${file:/run/token}", "${name}", 1.50, null, true]}}}}`)
	got, err := f.Resolve(lookup())
	if err != nil {
		t.Fatal(faults(err))
	}
	want := []toolfile.Server{
		{
			Name: "program", Kind: toolfile.Stdio, Command: "/team/bin", Args: []string{"--token=s3cret"}, Cwd: "/team/sub", EnvFile: "/team/.env",
			Env: map[string]string{"A": "1", "B": "two words", "C": "x\ny", "D": "plain", "E": "", "TOKEN": "s3cret"},
		},
		{Name: "remote", Kind: toolfile.HTTP, URL: "https://api.example.com/mcp", Headers: map[string]string{"Authorization": "Bearer s3cret"}},
		{Name: "off", Kind: toolfile.Stdio, Command: "${UNSET}", Disabled: true},
	}
	for i, s := range got.Servers {
		if !s.Equal(want[i]) {
			t.Errorf("%s: got\n%q %q %q %q %q\nwant\n%q %q %q %q %q", s.Name, s.Command, s.Args, s.Env, s.Cwd, s.URL, want[i].Command, want[i].Args, want[i].Env, want[i].Cwd, want[i].URL)
		}
	}
	tool := got.Tools[0]
	for _, c := range []struct{ field, got, want string }{
		{"url", tool.URL, "https://api.example.com/items/${id}"},
		{"header", tool.Headers["A"], "s3cret ${x} $${env:TOKEN}"},
		{"query", tool.Query["q"], "$${inject}"},
		{"body", string(tool.Body), `{"list":["from-file","${name}",1.50,null,true]}`},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %s, want %s", c.field, c.got, c.want)
		}
	}
}

func TestEveryReferenceThatLeadsNowhereIsTold(t *testing.T) {
	t.Parallel()
	f := parse(t, `{
		"inputs": [{"id": "pat", "description": "GitHub token", "password": true}],
		"servers": {
			"a": {"command": "${CMD}", "args": ["x", "${ARG}"], "env": {"K/1": "${INNER}"}, "cwd": "${CWD}", "envFile": "missing"},
			"b": {"httpUrl": "${BASE_URL}/mcp", "http_headers": {"Authorization": "Bearer ${input:pat}"}},
			"c": {"url": "${HOST:-example.com}/mcp", "headers": {"X": "${TWO_LINES}", "Y": "${file:/none}"}},
			"d": {"command": "x", "args": ["${evn:TOKEN}", "${API-KEY}", "${TOKEN:+x}", "${}", "${command:x}"]}},
		"tools": {"t.u": {"url": "https://example.com/${env:PART}", "body": ["${env:BODY}"]}}}`)
	_, err := f.Resolve(lookup())
	want := `tools.unset_variable at "/servers/a/command": server a: command needs the variable CMD, which is not set
tools.unset_variable at "/servers/a/args/1": server a: args.1 needs the variable ARG, which is not set
tools.unset_variable at "/servers/a/env/K~11": server a: env.K/1 needs the variable INNER, which is not set
tools.unset_variable at "/servers/a/cwd": server a: cwd needs the variable CWD, which is not set
tools.unset_variable at "/servers/a/envFile": server a: the envFile /team/missing cannot be read
tools.unset_variable at "/servers/b/http_headers/Authorization": server b: headers.Authorization needs the variable ORDINAUT_INPUT_PAT, which is not set
tools.unset_variable at "/servers/b/httpUrl": server b: url needs the variable BASE_URL, which is not set
tools.unset_variable at "/servers/c/headers/Y": server c: headers.Y needs the file /none, which cannot be read
tools.invalid_file at "/servers/c/url": server c: the url is not one of http or https
tools.invalid_file at "/servers/c/headers/X": server c: the header X has more than one line
tools.invalid_file at "/servers/d/args/0": server d: args.0 has a reference that is not one: ${evn:TOKEN}
tools.invalid_file at "/servers/d/args/1": server d: args.1 has a reference that is not one: ${API-KEY}
tools.invalid_file at "/servers/d/args/2": server d: args.2 has a reference that is not one: ${TOKEN:+x}
tools.invalid_file at "/servers/d/args/3": server d: args.3 has a reference that is not one: ${}
tools.invalid_file at "/servers/d/args/4": server d: args.4 has a reference that is not one: ${command:x}
tools.unset_variable at "/tools/t.u/url": tool t.u: url needs the variable PART, which is not set
tools.unset_variable at "/tools/t.u/body": tool t.u: body needs the variable BODY, which is not set
`
	var got strings.Builder
	for line := range strings.Lines(faults(err)) {
		if !strings.HasPrefix(line, " ") {
			got.WriteString(line)
		}
	}
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
	if !strings.Contains(faults(err), "did you mean ${env:…}?") || !strings.Contains(faults(err), "export BASE_URL=…") {
		t.Errorf("got no mends in %s", faults(err))
	}
}

func TestPlacesOfFieldsThatOnlyCodexHas(t *testing.T) {
	t.Parallel()
	f, err := toolfile.Parse("config.toml", []byte("[mcp_servers.x]\ncommand = 'x'\nenv_vars = ['GONE']\n\n[mcp_servers.y]\nurl = 'https://example.com'\nbearer_token_env_var = 'LOST'\n"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.Resolve(lookup())
	got := faults(err)
	if !strings.Contains(got, `"/mcp_servers/x/env_vars"`) || !strings.Contains(got, `"/mcp_servers/y/bearer_token_env_var"`) {
		t.Errorf("got %s", got)
	}
}

func TestAnEmptyLookupFindsNothingButDefaults(t *testing.T) {
	t.Parallel()
	f := parse(t, `{"mcpServers": {"a": {"command": "${A:-x}", "cwd": "rel", "args": ["${userHome}"]}}}`)
	got, err := f.Resolve(toolfile.Lookup{})
	if err != nil || got.Servers[0].Command != "x" || got.Servers[0].Cwd != "rel" {
		t.Errorf("got %v, %v", got, err)
	}
	f = parse(t, `{"mcpServers": {"a": {"command": "${HOME}", "args": ["${file:x}"]}}}`)
	if _, err := f.Resolve(toolfile.Lookup{}); err == nil || strings.Count(faults(err), "unset_variable") != 2 {
		t.Errorf("got %v", err)
	}
}

func TestNoSecretIsPrinted(t *testing.T) {
	t.Parallel()
	f := parse(t, `{
		"mcpServers": {"s": {"command": "x", "args": ["${TOKEN}"], "env": {"A": "${TOKEN}"}}, "h": {"url": "https://h.example.com/${TOKEN}", "headers": {"A": "${TOKEN}"}}},
		"tools": {"t.u": {"url": "https://t.example.com/${env:TOKEN}", "headers": {"A": "${env:TOKEN}"}}}}`)
	f, err := f.Resolve(lookup())
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "server", f.Servers[0], "tool", f.Tools[0])
	for _, text := range []string{
		fmt.Sprintf("%v %+v %#v %s", f.Servers[0], f.Servers[1], f.Servers[1], f.Tools[0]),
		fmt.Sprintf("%v %+v", f, f), fmt.Sprintf("%#v", f.Servers), fmt.Sprintf("%#v", f.Tools), log.String(),
	} {
		if strings.Contains(text, "s3cret") {
			t.Errorf("got %s", text)
		}
	}
	if !strings.Contains(log.String(), "server s (stdio)") || !strings.Contains(log.String(), "tool t.u (GET)") {
		t.Errorf("got %s", log.String())
	}
}

func TestTheFingerprintIsOfWhatTheServerIs(t *testing.T) {
	t.Parallel()
	print := func(text string) string { return parse(t, `{"mcpServers": {"s": `+text+`}}`).Servers[0].Fingerprint() }
	base := print(`{"command": "x", "args": ["${TOKEN}"]}`)
	for text, same := range map[string]bool{
		`{"command": "x", "args": ["${TOKEN}"], "env": {"A": "b"}, "disabled": true}`: true,
		`{"type": "stdio", "command": ["x", "${TOKEN}"]}`:                             true,
		`{"command": "x", "args": ["${TOKEN}", ""]}`:                                  false,
		`{"command": "y", "args": ["${TOKEN}"]}`:                                      false,
		`{"url": "https://example.com"}`:                                              false,
	} {
		if got := print(text) == base; got != same {
			t.Errorf("%s: the fingerprint is the same: got %v, want %v", text, got, same)
		}
	}
	resolved, err := parse(t, `{"mcpServers": {"s": {"command": "x", "args": ["${TOKEN}"]}}}`).Resolve(lookup())
	if err != nil || resolved.Servers[0].Fingerprint() != base {
		t.Errorf("a resolved server has another fingerprint: %v", err)
	}
	if len(base) != 64 {
		t.Errorf("got %q", base)
	}
}

func TestSecretsThatStandInTheFile(t *testing.T) {
	t.Parallel()
	f := parse(t, `{"mcpServers": {
		"s": {"command": "x", "env": {"GITHUB_TOKEN": "abcdefgh", "LOG": "debugging", "X": "ghp_abcdefgh", "OTHER_TOKEN": "${TOKEN}", "SHORT_TOKEN": "abc"}},
		"h": {"url": "https://example.com", "headers": {"Authorization": "Bearer abc", "Accept": "text/plain"}}}}`)
	if diff := cmp.Diff([]string{"GITHUB_TOKEN", "X"}, f.Servers[0].Exposed()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"Authorization"}, f.Servers[1].Exposed()); diff != "" {
		t.Error(diff)
	}
}

func TestTooManyServers(t *testing.T) {
	t.Parallel()
	file := func(n int) []byte {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "%q: {\"command\": \"x\"},\n", fmt.Sprint("s", i))
		}
		return []byte(`{"mcpServers": {` + b.String() + `}}`)
	}
	if _, err := toolfile.Parse("mcp.json", file(200)); err != nil {
		t.Errorf("200: %v", err)
	}
	if _, err := toolfile.Parse("mcp.json", file(201)); err == nil || !strings.Contains(err.Error(), "200") {
		t.Errorf("201: got %v", err)
	}
}
