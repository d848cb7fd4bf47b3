package realtest_test

import (
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/service"
	"github.com/ordinaut/ordinaut/test/realtest"
)

func TestMain(m *testing.M) { os.Exit(realtest.Main(m)) }

func TestAServerCarriesOnInTheFolderOfOneThatWasKilled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := realtest.Start(t, realtest.Options{Dir: dir})
	id := s.Create(t, echo())
	s.Kill()

	s = realtest.Start(t, realtest.Options{Dir: dir})
	run := s.Run(t, id, map[string]any{"word": "again"})
	if got, want := string(run.Output), `{"word":"again"}`; run.Status != ordinaut.RunSucceeded || got != want {
		t.Errorf("the run is %s with %s, %+v; want %s", run.Status, got, run.Error, want)
	}
	s.Stop()
	if err := s.Send(t.Context(), http.MethodGet, "/readyz", nil, &struct{}{}); err == nil {
		t.Error("a stopped server still answers")
	}
	if got, want := s.Log(), "Ordinaut dev"; strings.Count(got, want) != 2 {
		t.Errorf("the log is %q, want two servers to say %q", got, want)
	}
}

func TestARefusalHasItsCode(t *testing.T) {
	t.Parallel()
	s := realtest.Start(t, realtest.Options{Dir: t.TempDir()})
	task := echo()
	task["schedule_kind"] = "never"
	err := s.Send(t.Context(), http.MethodPost, "/v1/tasks", task, &service.Task{})
	if got, want := ordinaut.AsError(err).Code, ordinaut.CodeFieldValue; got != want {
		t.Errorf("got %s, %v; want %s", got, err, want)
	}
}

func echo() map[string]any {
	return realtest.Manual("Echo", realtest.Step{"id": "only", "uses": "debug.echo", "with": map[string]any{"word": "${params.word}"}})
}
