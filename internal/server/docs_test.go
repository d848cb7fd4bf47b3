package server_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/tool"
	"github.com/ordinaut/ordinaut/internal/tool/builtin"
)

// documents are the pages whose examples must work.
func documents(t *testing.T) map[string]string {
	t.Helper()
	paths, err := filepath.Glob("../../docs/learn/*.md")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no documents: %v", err)
	}
	pages := map[string]string{}
	for _, path := range append(paths, "../../README.md") {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		pages[filepath.Base(path)] = string(text)
	}
	return pages
}

var jsonBlock = regexp.MustCompile("(?s)```json\n(.*?)```")

// TestEveryTaskInTheDocumentsIsGood sends the tasks of the documents and the
// examples as they are written.
func TestEveryTaskInTheDocumentsIsGood(t *testing.T) {
	t.Parallel()
	s := serveWith(t, catalogWith(t, "google-calendar-mcp", "weather-mcp", "imap-mcp", "llm", "telegram-mcp", "gmail-mcp", "files"))
	tasks := map[string]string{}
	for name, text := range documents(t) {
		for i, block := range jsonBlock.FindAllStringSubmatch(text, -1) {
			tasks[fmt.Sprintf("%s %d", name, i+1)] = block[1]
		}
	}
	paths, err := filepath.Glob("../../examples/*.json")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	paths = append(paths, "../../examples/agenda/task.json")
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		tasks[filepath.Base(path)] = string(text)
	}
	for name, task := range tasks {
		t.Run(name, func(t *testing.T) {
			res := s.post(t, "/v1/tasks", task)
			if res.StatusCode != http.StatusCreated {
				answer, _ := io.ReadAll(res.Body)
				t.Errorf("%s: %s", res.Status, answer)
			}
		})
	}
}

// catalogWith is the built-in tools and servers that cannot be reached.
func catalogWith(t *testing.T, servers ...string) *tool.Catalog {
	t.Helper()
	catalog, err := tool.New(t.Context(), builtin.Tools(builtin.Options{})...)
	if err != nil {
		t.Fatal(err)
	}
	var away []tool.Server
	for _, name := range servers {
		away = append(away, tool.Server{Name: name, Transport: nobody{}})
	}
	catalog.Serve(away...)
	return catalog
}

// nobody is a server that cannot be reached.
type nobody struct{}

func (nobody) Tools(context.Context) ([]ordinaut.Tool, error) {
	return nil, &ordinaut.Error{Code: ordinaut.CodeToolStart, Message: "nobody is there", Fix: "wait"}
}

func (nobody) Call(context.Context, tool.Call) (tool.Result, error) {
	return tool.Result{}, errors.New("nobody is there")
}

var kindRow = regexp.MustCompile("(?m)^\\| `(\\w+)` \\| (?:`(.*?)`)? ?\\| (.*?) \\|$")

// TestTheDocumentsSayWhatSchedulesMean previews the table of schedules.
func TestTheDocumentsSayWhatSchedulesMean(t *testing.T) {
	t.Parallel()
	s := serve(t)
	rows := 0
	for _, row := range kindRow.FindAllStringSubmatch(documents(t)["schedules.md"], -1) {
		kind, expr, want := row[1], row[2], row[3]
		body, err := json.Marshal(map[string]any{"schedule_kind": kind, "schedule_expr": expr, "timezone": "UTC"})
		if err != nil {
			t.Fatal(err)
		}
		res := s.post(t, "/v1/schedules/preview", string(body))
		var p struct{ Sentence string }
		if err := json.NewDecoder(res.Body).Decode(&p); err != nil || p.Sentence != want {
			t.Errorf("%s %q: the sentence is %q, the document says %q (%v)", kind, expr, p.Sentence, want, err)
		}
		rows++
	}
	if rows < 5 {
		t.Errorf("found %d schedules in the document, want its table", rows)
	}
}
