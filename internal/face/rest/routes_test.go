package rest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/face/facetest"
)

func TestEveryRouteAnswersWithAndWithoutASlashAndNeverRedirects(t *testing.T) {
	t.Parallel()
	w := newWorld(t, facetest.Ops(t))
	w.tea()
	for _, path := range []string{"/v1/tasks", "/tasks", "/v1/tasks/tea", "/tasks/tea", "/health", "/livez", "/readyz", "/openapi.json"} {
		for _, end := range []string{"", "/", "?", "/?"} {
			w.ask("GET", path+end, "").want(t, http.StatusOK, "")
		}
	}
	for _, path := range []string{"//v1/tasks", "/v1//tasks", "/v1/./tasks", "/v1/x/../tasks", "/v1/tasks//"} {
		w.ask("GET", path, "").want(t, http.StatusNotFound, ordinaut.CodeRouteNotFound)
	}
}

func TestACreatedTaskSaysWhereItIs(t *testing.T) {
	t.Parallel()
	w := newWorld(t, facetest.Ops(t))
	got := w.ask("POST", "/v1/tasks", `{"title":"Tea <&>","key":"tea"}`)
	got.want(t, http.StatusCreated, "")
	if want := "/v1/tasks/" + got.body["id"].(string); got.Header.Get("Location") != want {
		t.Errorf("got Location %q, want %q", got.Header.Get("Location"), want)
	}
	if got.Header.Get("ETag") != `"1"` {
		t.Errorf("got ETag %q", got.Header.Get("ETag"))
	}
	if !strings.Contains(got.text, `"Tea <&>"`) || !strings.HasSuffix(got.text, "}\n") {
		t.Errorf("got %q, want plain characters and a line's end", got.text)
	}
	w.ask("POST", "/tasks", `{"title":"Again","key":"tea"}`).want(t, http.StatusOK, "")
}

func TestAnswersOfEveryStatus(t *testing.T) {
	t.Parallel()
	w := newWorld(t, facetest.Ops(t))
	w.tea()
	w.ask("POST", "/v1/tasks/tea/run", "").want(t, http.StatusAccepted, "")
	w.ask("HEAD", "/v1/tasks/tea", "").want(t, http.StatusOK, "")
	gone := w.ask("DELETE", "/v1/tasks/tea", "")
	gone.want(t, http.StatusNoContent, "")
	if gone.text != "" {
		t.Errorf("got a body %q", gone.text)
	}
}

func TestAPathWithoutTheMethodSaysWhichItHas(t *testing.T) {
	t.Parallel()
	w := newWorld(t, facetest.Ops(t))
	got := w.ask("PUT", "/v1/tasks", "{}")
	got.want(t, http.StatusMethodNotAllowed, ordinaut.CodeMethodNotAllowed)
	if got.Header.Get("Allow") != "GET, HEAD, POST" {
		t.Errorf("got Allow %q", got.Header.Get("Allow"))
	}
}

func TestAPathThatDoesNotExistNamesTheNearest(t *testing.T) {
	t.Parallel()
	w := newWorld(t, facetest.Ops(t))
	got := w.ask("GET", "/v1/taks", "")
	got.want(t, http.StatusNotFound, ordinaut.CodeRouteNotFound)
	if fix := got.body["fix"].(string); !strings.Contains(fix, "/v1/tasks") {
		t.Errorf("got fix %q", fix)
	}
}

func TestEverythingButHealthNeedsAToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t, facetest.Ops(t))
	for _, path := range []string{"/", "/v1/tasks", "/tasks/", "/openapi.json", "/openapi.yaml", "/none", "/v1//tasks"} {
		got := w.ask("GET", path, "", "Authorization: ")
		got.want(t, http.StatusUnauthorized, ordinaut.CodeAuthMissing)
		if got.Header.Get("WWW-Authenticate") != `Bearer realm="ordinaut"` {
			t.Errorf("%s: got WWW-Authenticate %q", path, got.Header.Get("WWW-Authenticate"))
		}
	}
	for _, path := range []string{"/livez", "/readyz", "/healthz", "/health", "/health/live", "/health/ready"} {
		w.ask("GET", path, "", "Authorization: ").want(t, http.StatusOK, "")
	}
}

func TestTokensThatDoNotDo(t *testing.T) {
	t.Parallel()
	w := newWorld(t, facetest.Ops(t))
	wrong := w.ask("GET", "/v1/tasks", "", "Authorization: Bearer nonsense")
	wrong.want(t, http.StatusUnauthorized, ordinaut.CodeAuthInvalid)
	if got := wrong.Header.Get("WWW-Authenticate"); !strings.Contains(got, `error="invalid_token"`) {
		t.Errorf("got WWW-Authenticate %q", got)
	}
	w.ask("GET", "/v1/tasks", "", "Authorization: Basic dTpw").want(t, http.StatusUnauthorized, ordinaut.CodeAuthMissing)
	weak := w.ask("GET", "/v1/tasks", "", "Authorization: Bearer weak")
	weak.want(t, http.StatusForbidden, ordinaut.CodeAuthScope)
	if got := weak.Header.Get("WWW-Authenticate"); !strings.Contains(got, `error="insufficient_scope"`) {
		t.Errorf("got WWW-Authenticate %q", got)
	}
	broken := w.ask("GET", "/v1/tasks", "", "Authorization: Bearer broken")
	broken.want(t, http.StatusInternalServerError, ordinaut.CodeInternal)
	if strings.Contains(broken.text, "SELECT") {
		t.Errorf("the answer shows the cause: %s", broken.text)
	}
}

func TestTheServiceCard(t *testing.T) {
	t.Parallel()
	w := newWorld(t, facetest.Ops(t))
	got := w.ask("GET", "/", "")
	got.want(t, http.StatusOK, "")
	if got.body["service"] != "ordinaut" || got.body["version"] != "1.2.3" {
		t.Errorf("got %s", got.text)
	}
}
