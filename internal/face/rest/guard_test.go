package rest_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/face/facetest"
	"github.com/ordinaut/ordinaut/internal/face/rest"
)

func TestTheNamesUnderWhichItAnswers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, facetest.Ops(t))
	for host, ok := range map[string]bool{
		"localhost": true, "localhost:8080": true, "LocalHost.:80": true, "app.localhost": true,
		"127.0.0.1": true, "127.0.0.1:8080": true, "[::1]:8080": true, "[::1]": true, "10.1.2.3:80": true,
		"evil.example": false, "evil.example:8080": false, "127.0.0.1.evil.example": false, "localhost.evil.example": false,
	} {
		got := w.ask("GET", "/livez", "", "Host: "+host)
		if ok {
			got.want(t, http.StatusOK, "")
		} else {
			got.want(t, http.StatusForbidden, ordinaut.CodeRequestHost)
		}
	}
}

func TestNamesCanBeAllowed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		hosts []string
		host  string
		want  int
	}{
		{[]string{"clock.example"}, "Clock.Example:80", http.StatusOK},
		{[]string{"clock.example"}, "other.example", http.StatusForbidden},
		{[]string{"*"}, "other.example", http.StatusOK},
	} {
		h := rest.New(rest.Options{Ops: facetest.Ops(t), Hosts: c.hosts})
		r := httptest.NewRequest("GET", "/livez", nil)
		r.Host = c.host
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, r)
		if rec.Code != c.want {
			t.Errorf("%v under %s: got %d, want %d", c.hosts, c.host, rec.Code, c.want)
		}
	}
}

func TestPagesOfOtherSitesChangeNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, facetest.Ops(t))
	w.ask("POST", "/v1/tasks", `{"title":"x"}`, "Sec-Fetch-Site: cross-site").want(t, http.StatusForbidden, ordinaut.CodeRequestOrigin)
	w.ask("POST", "/v1/tasks", `{"title":"x"}`, "Origin: https://evil.example").want(t, http.StatusForbidden, ordinaut.CodeRequestOrigin)
	w.ask("POST", "/v1/tasks", `{"title":"x"}`, "Origin: http://127.0.0.1:8080").want(t, http.StatusCreated, "")
	w.ask("GET", "/v1/tasks", "", "Sec-Fetch-Site: cross-site").want(t, http.StatusOK, "")
}
