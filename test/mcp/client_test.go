package mcp

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/service"
)

// step is a step of a pipeline.
type step map[string]any

// task is a task that only runs when it is asked to.
func task(title string, steps ...step) map[string]any {
	return map[string]any{
		"title": title, "schedule_kind": "manual", "max_retries": 0, "overlap": "allow",
		"payload": map[string]any{"pipeline": steps},
	}
}

// ask sends a request and reads the answer into result. A body that is no bytes
// is sent as JSON.
func (o *instance) ask(t *testing.T, method, path string, body, result any) {
	t.Helper()
	text, isText := body.([]byte)
	if !isText && body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			t.Fatal(err)
		}
	}
	req, err := http.NewRequestWithContext(t.Context(), method, o.url+path, bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+o.key)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode >= 300 {
		t.Fatalf("%s %s: %s: %s", method, path, res.Status, answer)
	}
	if err := json.Unmarshal(answer, result); err != nil {
		t.Fatalf("%s %s: %v in %.2000s", method, path, err, answer)
	}
}

// create creates a task and gives its id.
func (o *instance) create(t *testing.T, body any) ordinaut.TaskID {
	t.Helper()
	var created service.Task
	o.ask(t, http.MethodPost, "/v1/tasks", body, &created)
	return created.ID
}

// run runs a task with params, and waits for the end.
func (o *instance) run(t *testing.T, id ordinaut.TaskID, params any) service.Run {
	t.Helper()
	var run service.Run
	o.ask(t, http.MethodPost, "/v1/tasks/"+string(id)+"/run", map[string]any{"params": params}, &run)
	return o.wait(t, run.ID)
}

// wait waits for the end of a run.
func (o *instance) wait(t *testing.T, id ordinaut.RunID) service.Run {
	t.Helper()
	var run service.Run
	o.ask(t, http.MethodGet, fmt.Sprintf("/v1/runs/%s?wait_seconds=%.0f", id, patience.Seconds()), nil, &run)
	if !run.Status.Final() {
		t.Fatalf("run %s is still %s; the server says:\n%s", id, run.Status, o.said())
	}
	return run
}

// once runs a task that was made for this one run.
func (o *instance) once(t *testing.T, title string, steps ...step) service.Run {
	t.Helper()
	return o.run(t, o.create(t, task(title, steps...)), struct{}{})
}

// succeed fails the test unless the run succeeded.
func succeed(t *testing.T, run service.Run) service.Run {
	t.Helper()
	if run.Status != ordinaut.RunSucceeded {
		t.Fatalf("the run is %s: %+v", run.Status, run.Error)
	}
	return run
}

// tools starts a server and gives the addresses of its tools.
func (o *instance) tools(t *testing.T, server string) []string {
	t.Helper()
	var tested service.ToolServer
	o.ask(t, http.MethodPost, "/v1/tool-servers/"+server+"/test", nil, &tested)
	if len(tested.Refused) > 0 {
		t.Errorf("%s has tools that cannot be used: %q", server, tested.Refused)
	}
	var list service.ToolList
	o.ask(t, http.MethodGet, "/v1/tools?server="+server, nil, &list)
	addresses := make([]string, 0, len(list.Items))
	for _, tool := range list.Items {
		addresses = append(addresses, tool.Address)
	}
	t.Logf("%s: %s, revision %s, started and listed in %d ms: %d tools", server, tested.Version, tested.Protocol, tested.TookMS, len(addresses))
	return addresses
}
