package realtest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/service"
)

// Client talks to a server.
type Client struct {
	URL string // such as "http://127.0.0.1:8080"
	Key string // of the administrator
}

// Send sends a request and reads the answer into result. A body that is no bytes
// is sent as JSON. A refusal is an *ordinaut.Error.
func (c Client) Send(ctx context.Context, method, path string, body, result any) error {
	text, isText := body.([]byte)
	if !isText && body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			return err
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, c.URL+path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+c.Key)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode >= 300 {
		return refusal(res.Status, answer)
	}
	if err := json.Unmarshal(answer, result); err != nil {
		return fmt.Errorf("%w in %.2000s", err, answer)
	}
	return nil
}

func refusal(status string, answer []byte) error {
	var problem struct{ Code ordinaut.Code }
	_ = json.Unmarshal(answer, &problem) // what is no problem document has no code
	return &ordinaut.Error{Code: problem.Code, Message: fmt.Sprintf("%s: %s", status, answer)}
}

// Ask is Send for a request that must succeed.
func (c Client) Ask(t testing.TB, method, path string, body, result any) {
	t.Helper()
	if err := c.Send(t.Context(), method, path, body, result); err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
}

// Create creates a task.
func (c Client) Create(t testing.TB, task any) ordinaut.TaskID {
	t.Helper()
	var created service.Task
	c.Ask(t, http.MethodPost, "/v1/tasks", task, &created)
	return created.ID
}

// Run runs a task with params, and waits for the end.
func (c Client) Run(t testing.TB, id ordinaut.TaskID, params any) service.Run {
	t.Helper()
	var run service.Run
	c.Ask(t, http.MethodPost, "/v1/tasks/"+string(id)+"/run", map[string]any{"params": params}, &run)
	return c.Wait(t, run.ID)
}

// Wait waits for the end of a run.
func (c Client) Wait(t testing.TB, id ordinaut.RunID) service.Run {
	t.Helper()
	var run service.Run
	c.Ask(t, http.MethodGet, fmt.Sprintf("/v1/runs/%s?wait_seconds=%.0f", id, Patience.Seconds()), nil, &run)
	if !run.Status.Final() {
		t.Fatalf("run %s is still %s", id, run.Status)
	}
	return run
}
