package cli_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ordinaut/ordinaut/internal/face/cli"
	"github.com/ordinaut/ordinaut/internal/face/facetest"
	"github.com/ordinaut/ordinaut/internal/op"
)

// echoing is a terminal before a server that answers with the body it was sent.
func echoing(t *testing.T) *terminal {
	t.Helper()
	u := newTerminal(t)
	u.client = &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		return respond(200, "application/json", string(body))
	})}
	return u
}

func TestRequestsFromFiles(t *testing.T) {
	t.Parallel()
	u := echoing(t)
	for _, c := range []struct{ name, file, text, want string }{
		{"JSON as it is", "a.json", `{"title":"Tea","payload":{"big":12345678901234567890}}`, `{"payload":{"big":12345678901234567890},"title":"Tea"}`},
		{"YAML", "a.yaml", "title: Tea\npriority: 3\ntags: [a, 'b']\nurgent: true\npayload:\n  x: 1.5\n  none: ~\n", `{"payload":{"x":1.5,"none":null},"priority":3,"tags":["a","b"],"title":"Tea","urgent":true}`},
		{"a date stays a date", "a.yaml", "title: 2027-03-28\npayload: {at: 2027-03-28T02:30:00Z}", `{"payload":{"at":"2027-03-28T02:30:00Z"},"title":"2027-03-28"}`},
		{"a block of text", "a.yaml", "title: |\n  two\n  lines <&>\n", `{"title":"two\nlines <&>\n"}`},
		{"aliases", "a.yaml", "payload: {a: &x [1], b: *x}", `{"payload":{"a":[1],"b":[1]}}`},
		{"an old country code", "a.yaml", "title: no", `{"title":"no"}`},
		{"a binary as text", "a.yaml", "title: !!binary aGk=", `{"title":"aGk="}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := u.runWith(t.Context(), "tasks", "create", "-o", "json", "-f", u.file(c.file, c.text))
			if got.exit != 0 || !sameJSON(t, got.stdout, c.want) {
				t.Errorf("got exit %d, %s%s, want %s", got.exit, got.stdout, got.stderr, c.want)
			}
		})
	}
}

func sameJSON(t *testing.T, a, b string) bool {
	t.Helper()
	read := func(text string) any {
		d := json.NewDecoder(strings.NewReader(text))
		d.UseNumber()
		var v any
		if err := d.Decode(&v); err != nil {
			t.Error(err)
		}
		return v
	}
	return cmp.Equal(read(a), read(b))
}

func TestFilesThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	u := echoing(t)
	bomb := "a: &a [1,1,1,1,1,1,1,1,1,1]\n"
	for i := range 6 {
		name, last := string(rune('b'+i)), string(rune('a'+i))
		bomb += name + ": &" + name + " [" + strings.Repeat("*"+last+",", 10) + "]\n"
	}
	for _, c := range []struct{ name, text, says string }{
		{"nothing", "", "it is empty"},
		{"a list", "[1]", "does not hold an object"},
		{"null", "null", "does not hold an object"},
		{"broken YAML", "a: [", "yaml"},
		{"two documents", "a: 1\n---\nb: 2", "more than one document"},
		{"a key that is a list", "? [a]\n: 1", "key"},
		{"a merge", "a: &a {b: 1}\nc: {<<: *a}", "key"},
		{"no number of JSON", "a: .inf", "no place in JSON"},
		{"a wrong tag", "a: !!int b", "cannot"},
		{"a bomb", bomb, "more than 100000 values"},
		{"too much", `{"title":"` + strings.Repeat("a", 1<<20) + `"}`, "larger"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := u.runWith(t.Context(), "tasks", "create", "-f", u.file("a.yaml", c.text))
			if got.exit != cli.ExitUsage || !strings.Contains(got.stderr, c.says) {
				t.Errorf("got exit %d, %s, want it to say %q", got.exit, got.stderr, c.says)
			}
		})
	}
}

func TestFlagsWinOverTheFileAndStdinIsAFile(t *testing.T) {
	t.Parallel()
	u := echoing(t)
	u.stdin = "title: Tea\npriority: 3\n"
	got := u.run("tasks create -o json -f - --priority 7 --tags a --tags b")
	if want := `{"priority":7,"tags":["a","b"],"title":"Tea"}`; strings.TrimSpace(got.stdout) != want {
		t.Errorf("got %s%s, want %s", got.stdout, got.stderr, want)
	}
}

func TestFieldsOfEveryTypeAsFlags(t *testing.T) {
	t.Parallel()
	u := echoing(t)
	payload := u.file("payload.yaml", "pipeline: []\n")
	for line, want := range map[string]string{
		"--labels a=b --labels c=d=e":     `{"labels":{"a":"b","c":"d=e"}}`,
		`--labels {"a":"b"}`:              `{"labels":{"a":"b"}}`,
		`--labels {"a":"b"} --labels c=d`: `{"labels":{"a":"b","c":"d"}}`,
		"--urgent":                        `{"urgent":true}`,
		"--urgent=false":                  `{"urgent":false}`,
		"--priority +7":                   `{"priority":7}`,
		`--payload [1,"<&>"]`:             `{"payload":[1,"<&>"]}`,
		"--payload @" + payload:           `{"payload":{"pipeline":[]}}`,
		"--title <&>":                     `{"title":"<&>"}`,
	} {
		got := u.run("tasks create -o json " + line)
		if got.exit != 0 || !sameJSON(t, got.stdout, want) {
			t.Errorf("%s: got exit %d, %s%s, want %s", line, got.exit, got.stdout, got.stderr, want)
		}
	}
}

func TestFieldsCanBeSetBack(t *testing.T) {
	t.Parallel()
	u := echoing(t)
	got := u.run("tasks update tea -o json --reset title")
	if want := `{"title":null}`; strings.TrimSpace(got.stdout) != want {
		t.Errorf("got %s%s, want %s", got.stdout, got.stderr, want)
	}
}

func TestFaultsInAFileKeepTheirPointer(t *testing.T) {
	t.Parallel()
	u := newTerminal(t)
	got := u.runWith(t.Context(), "tasks", "create", "-f", u.file("a.yaml", "title: ''\nlabels: {a: 1}\n"), "--priority", "77")
	for _, want := range []string{"where   /title\n", "where   /labels/a\n", "where   --priority\n"} {
		if !strings.Contains(got.stderr, want) {
			t.Errorf("stderr lacks %q: %s", want, got.stderr)
		}
	}
	inFlag := u.run(`tasks create --title x --labels {"a":1}`)
	if want := "where   --labels at /a\n"; !strings.Contains(inFlag.stderr, want) {
		t.Errorf("stderr lacks %q: %s", want, inFlag.stderr)
	}
}

func TestAFolderIsNoFile(t *testing.T) {
	t.Parallel()
	u := echoing(t)
	if got := u.runWith(t.Context(), "tasks", "create", "-f", t.TempDir()); got.exit != cli.ExitUsage {
		t.Errorf("got exit %d, %s", got.exit, got.stderr)
	}
}

// every is a request with a field of each sort that the other operations do not
// have.
type every struct {
	Ratio  float64   `json:"ratio,omitempty" doc:"A ratio."`
	Counts []int     `json:"counts,omitempty" doc:"Counts."`
	When   time.Time `json:"when,omitzero" doc:"When."`
	Inner  struct {
		A int `json:"a"`
	} `json:"inner,omitzero" doc:"Inside."`
}

func TestFieldsOfRarerTypes(t *testing.T) {
	t.Parallel()
	u := echoing(t)
	set, err := op.NewSet(op.New(op.Op{Name: "a.b", Method: "POST", Path: "/v1/a", Command: "a"}, facetest.Same[every]))
	if err != nil {
		t.Fatal(err)
	}
	u.set = set
	for line, want := range map[string]string{
		"--ratio 1.50":                `{"ratio":1.5}`,
		"--counts 1 --counts 2":       `{"counts":[1,2]}`,
		"--when 2027-03-28T02:30:00Z": `{"when":"2027-03-28T02:30:00Z"}`,
		`--inner {"a":1}`:             `{"inner":{"a":1}}`,
	} {
		if got := u.run("a -o json " + line); got.exit != 0 || !sameJSON(t, got.stdout, want) {
			t.Errorf("%s: got exit %d, %s%s, want %s", line, got.exit, got.stdout, got.stderr, want)
		}
	}
	for _, line := range []string{"--ratio half", "--counts one"} {
		if got := u.run("a " + line); got.exit != cli.ExitUsage {
			t.Errorf("%s: got exit %d, %s", line, got.exit, got.stderr)
		}
	}
	for _, kind := range []string{"--ratio number", "--counts number", "--when time", "--inner json|@file"} {
		if got := u.run("a --help"); !strings.Contains(got.stdout, kind) {
			t.Errorf("help lacks %s: %s", kind, got.stdout)
		}
	}
}
