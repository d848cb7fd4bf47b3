package facetest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ordinaut/ordinaut/internal/face/cli"
	"github.com/ordinaut/ordinaut/internal/op"
)

// Server is a product that can be asked: where it listens, and the token of
// somebody who may do everything.
type Server struct {
	URL   string
	Token string
}

// Question is one request to one operation. In the request, {{3.id}} stands for
// the field id of the answer to the question before with the number 3, counted
// from 0.
type Question struct {
	Op      string
	Request string // a JSON object; "" is an empty one
	Code    string // of the error it must be answered with; "" when it must go well
}

// Script is a conversation that is held through every face.
type Script struct {
	Questions []Question
	Volatile  []string // fields whose values may differ, such as durations
}

// Parity fails for everything that Differences finds.
func Parity(t *testing.T, set *op.Set, start func(*testing.T) Server, s Script) {
	t.Helper()
	for _, d := range Differences(t, set, start, s) {
		t.Error(d)
	}
}

// Differences holds the same conversation through HTTP and through the command
// line, each with a fresh server, and lists where the answers differ. Ids and
// times need not be equal, only stand in the same places. Every operation that
// has a command must be asked for.
func Differences(t *testing.T, set *op.Set, start func(*testing.T) Server, s Script) (found []string) {
	t.Helper()
	web := &session{t: t, set: set, server: start(t), script: s, ask: askHTTP}
	shell := &session{t: t, set: set, server: start(t), script: s, ask: askCLI}
	asked := map[string]bool{}
	for i, q := range s.Questions {
		where := fmt.Sprintf("question %d, %s %s", i, q.Op, q.Request)
		o := set.Find(q.Op)
		if o == nil {
			return append(found, where+": there is no such operation")
		}
		asked[q.Op] = asked[q.Op] || q.Code == ""
		fromWeb, fromShell := web.hear(o, q), shell.hear(o, q)
		if diff := cmp.Diff(fromWeb, fromShell); diff != "" {
			found = append(found, where+": the answers differ (-HTTP +CLI):\n"+diff)
		}
		if fromWeb.Code != q.Code {
			found = append(found, fmt.Sprintf("%s: got code %q, want %q", where, fromWeb.Code, q.Code))
		}
	}
	for _, o := range set.All() {
		if o.Command != "" && !asked[o.Name] {
			found = append(found, "nothing asks for "+o.Name)
		}
	}
	return found
}

// heard is an answer with everything taken out that may differ.
type heard struct {
	Code   string   // of the error
	Faults []string // code and place of each fault
	Body   string   // of an answer that went well
}

// session is a conversation through one face.
type session struct {
	t       *testing.T
	set     *op.Set
	server  Server
	script  Script
	ask     func(*session, *op.Op, map[string]json.RawMessage) (body []byte, failed bool)
	answers []any
}

func (s *session) hear(o *op.Op, q Question) heard {
	s.t.Helper()
	request := map[string]json.RawMessage{}
	if text := s.filled(q.Request); text != "" {
		if err := json.Unmarshal([]byte(text), &request); err != nil {
			s.t.Fatalf("request %s: %v", text, err)
		}
	}
	body, failed := s.ask(s, o, request)
	var answer any
	if len(bytes.TrimSpace(body)) > 0 {
		if err := json.Unmarshal(body, &answer); err != nil {
			s.t.Fatalf("%s answered %q: %v", o.Name, body, err)
		}
	}
	s.answers = append(s.answers, answer)
	if failed {
		return faultsOf(answer)
	}
	text, err := json.MarshalIndent(s.leveled(answer), "", "  ")
	if err != nil {
		s.t.Fatal(err)
	}
	return heard{Body: string(text)}
}

// filled puts earlier answers into a request.
func (s *session) filled(request string) string {
	return regexp.MustCompile(`\{\{(\d+)\.(\w+)\}\}`).ReplaceAllStringFunc(request, func(found string) string {
		var n int
		var field string
		if _, err := fmt.Sscanf(strings.NewReplacer("{{", "", "}}", "", ".", " ").Replace(found), "%d %s", &n, &field); err != nil {
			s.t.Fatal(err)
		}
		object, _ := s.answers[n].(map[string]any)
		return fmt.Sprint(object[field])
	})
}

// leveled is an answer in which all ids, and all times, are alike.
func (s *session) leveled(v any) any {
	switch v := v.(type) {
	case map[string]any:
		level := make(map[string]any, len(v))
		for name, value := range v {
			level[name] = s.leveled(value)
			if slices.Contains(s.script.Volatile, name) {
				level[name] = "<volatile>"
			}
		}
		return level
	case []any:
		level := make([]any, len(v))
		for i := range v {
			level[i] = s.leveled(v[i])
		}
		return level
	case string:
		text := regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`).ReplaceAllString(v, "<id>")
		return regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?`).ReplaceAllString(text, "<time>")
	}
	return v
}

func faultsOf(answer any) heard {
	problem, _ := answer.(map[string]any)
	h := heard{Code: fmt.Sprint(problem["code"])}
	faults, _ := problem["errors"].([]any)
	for _, f := range faults {
		one, _ := f.(map[string]any)
		h.Faults = append(h.Faults, fmt.Sprint(one["code"], " ", one["pointer"]))
	}
	return h
}

// askHTTP asks as a program would.
func askHTTP(s *session, o *op.Op, request map[string]json.RawMessage) ([]byte, bool) {
	s.t.Helper()
	rest, path := maps.Clone(request), o.Path
	for _, name := range o.PathFields() {
		path = strings.ReplaceAll(path, "{"+name+"}", url.PathEscape(text(request[name])))
		delete(rest, name)
	}
	target, body := s.server.URL+path, io.Reader(nil)
	if o.HasBody() {
		raw, err := json.Marshal(rest)
		if err != nil {
			s.t.Fatal(err)
		}
		body = bytes.NewReader(raw)
	} else {
		query := url.Values{}
		for name, value := range rest {
			for _, one := range list(value) {
				query.Add(name, text(one))
			}
		}
		target += "?" + query.Encode()
	}
	r, err := http.NewRequestWithContext(s.t.Context(), o.Method, target, body)
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+s.server.Token)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer w.Body.Close()
	answer, err := io.ReadAll(w.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return answer, w.StatusCode >= 400
}

// askCLI asks as a person would.
func askCLI(s *session, o *op.Op, request map[string]json.RawMessage) ([]byte, bool) {
	s.t.Helper()
	args := strings.Fields(o.Command)
	for _, name := range o.Args {
		if value, ok := request[name]; ok {
			args = append(args, text(value))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(request)) {
		if !slices.Contains(o.Args, name) {
			args = append(args, flags(o, name, request[name])...)
		}
	}
	env := map[string]string{"ORDINAUT_URL": s.server.URL, "ORDINAUT_TOKEN": s.server.Token, "HOME": s.t.TempDir()}
	var stdout, stderr bytes.Buffer
	exit := cli.Run(s.t.Context(), append(args, "-o", "json"), cli.Options{
		Ops: s.set, Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr,
		Env: func(name string) string { return env[name] },
	})
	if exit != cli.ExitOK && exit != cli.ExitRunFailed {
		return stderr.Bytes(), true
	}
	return stdout.Bytes(), false
}

// flags say a field on the command line.
func flags(o *op.Op, name string, value json.RawMessage) []string {
	flag := "--" + strings.ReplaceAll(name, "_", "-")
	switch {
	case name == "wait_seconds" && o.Lasts != name:
		return []string{"--wait=" + text(value) + "s"}
	case string(value) == "null":
		return []string{"--reset", name}
	}
	var said []string
	for _, one := range list(value) {
		said = append(said, flag+"="+text(one))
	}
	return said
}

// list is the items of an array, or the value alone.
func list(value json.RawMessage) []json.RawMessage {
	var items []json.RawMessage
	if json.Unmarshal(value, &items) == nil {
		return items
	}
	return []json.RawMessage{value}
}

// text is a value without the quotes of a string.
func text(value json.RawMessage) string {
	var s string
	if json.Unmarshal(value, &s) == nil {
		return s
	}
	return string(value)
}
