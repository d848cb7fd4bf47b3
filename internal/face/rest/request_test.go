package rest_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/face/facetest"
	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/internal/op"
)

// asked is a request that has a field of every sort.
type asked struct {
	Name   string         `json:"name"`
	Count  *int           `json:"count,omitempty"`
	Ratio  float64        `json:"ratio,omitempty"`
	Sure   *bool          `json:"sure,omitempty"`
	Words  []string       `json:"words,omitempty"`
	Counts []int          `json:"counts,omitempty"`
	Any    any            `json:"any,omitempty"`
	Object map[string]int `json:"object,omitempty"`
	Inner  *inner         `json:"inner,omitempty"`
	Wait   float64        `json:"wait_seconds,omitempty" maximum:"60"`
}

type inner struct {
	A int `json:"a"`
}

// echo is operations that answer with the request as they got it.
func echo(t testing.TB) *op.Set {
	t.Helper()
	set, err := op.NewSet(
		op.New(op.Op{Name: "echo.get", Method: "GET", Path: "/v1/echo/{name}", Effect: op.Read}, facetest.Same[asked]),
		op.New(op.Op{Name: "echo.post", Method: "POST", Path: "/v1/echo/{name}", Effect: op.Write}, facetest.Same[asked]),
		op.New(op.Op{Name: "echo.whole", Method: "POST", Path: "/v1/whole", Effect: op.Write}, facetest.Same[asked]),
	)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func TestFieldsComeFromPathQueryAndBody(t *testing.T) {
	t.Parallel()
	w := newWorld(t, echo(t))
	for _, c := range []struct{ name, method, target, body, want string }{
		{"a path", "GET", "/v1/echo/x", "", `{"name":"x"}`},
		{"an escaped path", "GET", "/v1/echo/a%2Fb%20%C3%BC", "", `{"name":"a/b ü"}`},
		{"a number in the query", "GET", "/v1/echo/x?count=3&ratio=1.5", "", `{"name":"x","count":3,"ratio":1.5}`},
		{"yes and no in the query", "GET", "/v1/echo/x?sure=True", "", `{"name":"x","sure":true}`},
		{"no as a digit", "GET", "/v1/echo/x?sure=0", "", `{"name":"x","sure":false}`},
		{"one word in the query", "GET", "/v1/echo/x?words=a", "", `{"name":"x","words":["a"]}`},
		{"repeated words", "GET", "/v1/echo/x?words=a&words=1", "", `{"name":"x","words":["a","1"]}`},
		{"repeated numbers", "GET", "/v1/echo/x?counts=1&counts=2", "", `{"name":"x","counts":[1,2]}`},
		{"JSON where any is taken", "GET", "/v1/echo/x?any=%5B1%5D", "", `{"name":"x","any":[1]}`},
		{"text where any is taken", "GET", "/v1/echo/x?any=hello", "", `{"name":"x","any":"hello"}`},
		{"an object in the query", "GET", `/v1/echo/x?object=%7B%22a%22%3A1%7D`, "", `{"name":"x","object":{"a":1}}`},
		{"an object of a type of its own", "GET", `/v1/echo/x?inner=%7B%22a%22%3A1%7D`, "", `{"name":"x","inner":{"a":1}}`},
		{"a body", "POST", "/v1/whole", `{"name":"x","count":1}`, `{"name":"x","count":1}`},
		{"path, query and body", "POST", "/v1/echo/x?count=2", `{"ratio":2}`, `{"name":"x","count":2,"ratio":2}`},
		{"the same twice", "POST", "/v1/echo/x?count=2", `{"name":"x","count":2}`, `{"name":"x","count":2}`},
		{"no body at all", "POST", "/v1/echo/x", "", `{"name":"x"}`},
		{"a body of white space", "POST", "/v1/echo/x", " \n", `{"name":"x"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := w.ask(c.method, c.target, c.body)
			got.want(t, http.StatusOK, "")
			if strings.TrimSpace(got.text) != c.want {
				t.Errorf("got %s, want %s", got.text, c.want)
			}
		})
	}
}

func TestRequestsThatAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, echo(t))
	for _, c := range []struct {
		name, method, target, body string
		status                     int
		code                       ordinaut.Code
		pointer                    string
	}{
		{"text for a number", "GET", "/v1/echo/x?count=many", "", 422, ordinaut.CodeFieldType, "/count"},
		{"text for yes or no", "GET", "/v1/echo/x?sure=maybe", "", 422, ordinaut.CodeFieldType, "/sure"},
		{"a repeated number", "GET", "/v1/echo/x?count=1&count=2", "", 422, ordinaut.CodeFieldType, "/count"},
		{"an unknown parameter", "GET", "/v1/echo/x?cuont=1", "", 422, ordinaut.CodeFieldUnknown, "/cuont"},
		{"an unknown parameter, repeated", "GET", "/v1/echo/x?cuont=1&cuont=2", "", 422, ordinaut.CodeFieldUnknown, "/cuont"},
		{"a broken escape in the query", "GET", "/v1/echo/x?count=%zz", "", 400, ordinaut.CodeRequestMalformed, ""},
		{"another value in the path than in the body", "POST", "/v1/echo/x", `{"name":"y"}`, 422, ordinaut.CodeFieldValue, "/name"},
		{"another value in the query than in the body", "POST", "/v1/echo/x?count=1", `{"count":2}`, 422, ordinaut.CodeFieldValue, "/count"},
		{"a body that is not JSON", "POST", "/v1/echo/x", `{"name":`, 400, ordinaut.CodeRequestMalformed, "/name"},
		{"a body that is not JSON, for a path without fields", "POST", "/v1/whole", `nonsense`, 400, ordinaut.CodeRequestMalformed, ""},
		{"a key that stands twice", "POST", "/v1/echo/x", `{"count":1,"count":2}`, 400, ordinaut.CodeRequestDuplicate, "/count"},
		{"a body that is no object", "POST", "/v1/echo/x", `[1]`, 422, ordinaut.CodeFieldType, ""},
		{"a body that is null", "POST", "/v1/echo/x", `null`, 422, ordinaut.CodeFieldType, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := w.ask(c.method, c.target, c.body)
			got.want(t, c.status, c.code)
			f := got.fault(t, 0)
			if f["pointer"] != c.pointer || f["message"] == "" || f["fix"] == "" {
				t.Errorf("got fault %v, want it at %q with message and fix", f, c.pointer)
			}
		})
	}
}

func TestAParameterWithASlashInItsNameHasAProperPointer(t *testing.T) {
	t.Parallel()
	w := newWorld(t, echo(t))
	got := w.ask("POST", "/v1/whole?a%2Fb~c=1", `{"name":"x","a/b~c":2}`)
	if p := got.fault(t, 0)["pointer"]; p != "/a~1b~0c" {
		t.Errorf("got pointer %v", p)
	}
}

func TestOnlyJSONBodiesAreTaken(t *testing.T) {
	t.Parallel()
	w := newWorld(t, echo(t))
	for _, media := range []string{"application/json", "application/json; charset=utf-8", "application/merge-patch+json", "APPLICATION/JSON"} {
		w.ask("POST", "/v1/whole", `{"name":"x"}`, "Content-Type: "+media).want(t, http.StatusOK, "")
	}
	for _, header := range []string{
		"Content-Type: application/x-www-form-urlencoded", "Content-Type: text/plain", "Content-Type: ", "Content-Type: ;", "Content-Encoding: gzip",
	} {
		got := w.ask("POST", "/v1/whole", `{"name":"x"}`, header)
		got.want(t, http.StatusUnsupportedMediaType, ordinaut.CodeUnsupportedMedia)
		if fix := got.body["fix"].(string); !strings.Contains(fix, "Content-") {
			t.Errorf("the fix of %s does not name the header: %q", header, fix)
		}
	}
}

func TestBodiesAsLargeAsTheLimit(t *testing.T) {
	t.Parallel()
	w := newWorld(t, echo(t))
	body := `{"name":"x"}`
	body += strings.Repeat(" ", limits.BodyBytes-len(body))
	w.ask("POST", "/v1/whole", body).want(t, http.StatusOK, "")
	w.ask("POST", "/v1/whole", body+" ").want(t, http.StatusRequestEntityTooLarge, ordinaut.CodeRequestTooLarge)
}

// failing is a body that breaks off.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestBodiesThatBreakOff(t *testing.T) {
	t.Parallel()
	w := newWorld(t, echo(t))
	for err, want := range map[error]int{
		io.ErrUnexpectedEOF:      http.StatusBadRequest,
		os.ErrDeadlineExceeded:   http.StatusRequestTimeout,
		errors.New("unexpected"): http.StatusBadRequest,
	} {
		r := httptest.NewRequest("POST", "/v1/whole", failing{err})
		r.Host = "localhost"
		r.Header.Set("Authorization", "Bearer "+token)
		rec := httptest.NewRecorder()
		w.handler.ServeHTTP(rec, r)
		if rec.Code != want {
			t.Errorf("%v: got status %d, want %d", err, rec.Code, want)
		}
	}
}

func TestThePreferenceToWait(t *testing.T) {
	t.Parallel()
	w := newWorld(t, echo(t))
	for header, want := range map[string]string{
		"wait=5":                      "5",
		`respond-async, wait="7"`:     "7",
		"return=minimal, Wait = 9; x": "",
		"wait=900":                    "60",
		"wait=-1":                     "",
		"wait":                        "",
		"return=minimal":              "",
		"waiting=3":                   "",
	} {
		got := w.ask("POST", "/v1/echo/x", "", "Prefer: "+header)
		got.want(t, http.StatusOK, "")
		if has := strings.Contains(got.text, `"wait_seconds":`+want+"}"); has != (want != "") {
			t.Errorf("Prefer: %s: got %s, want %q seconds", header, got.text, want)
		}
		if applied := got.Header.Get("Preference-Applied"); (applied == "wait="+want) != (want != "") {
			t.Errorf("Prefer: %s: got Preference-Applied %q", header, applied)
		}
	}
	sent := w.ask("POST", "/v1/echo/x", `{"wait_seconds":2}`, "Prefer: wait=5")
	if !strings.Contains(sent.text, `"wait_seconds":2}`) {
		t.Errorf("the header won over the field: %s", sent.text)
	}
	list := newWorld(t, facetest.Ops(t)).ask("GET", "/v1/tasks", "", "Prefer: wait=5")
	list.want(t, http.StatusOK, "")
}

func FuzzNoRequestIsOurFault(f *testing.F) {
	for _, q := range [][2]string{{"count=1&words=a", `{"ratio":1}`}, {"any=%5B1%5D&any=2", `{"name":"x"}`}, {"a~b=1;c", `[`}, {"inner=%7B%22a%22%3A1e999%7D", "null"}} {
		f.Add(q[0], q[1])
	}
	w := newWorld(f, echo(f))
	f.Fuzz(func(t *testing.T, query, body string) {
		w.log.Reset()
		r := httptest.NewRequest("POST", "/v1/echo/x", strings.NewReader(body))
		r.URL.RawQuery = query
		r.Host = "localhost"
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("Content-Type", "application/json")
		rec := httptest.NewRecorder()
		w.handler.ServeHTTP(rec, r)
		if rec.Code >= 500 {
			t.Errorf("got %d %s", rec.Code, rec.Body)
		}
	})
}
