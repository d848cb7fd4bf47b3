package rest_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/ordinaut/ordinaut/internal/face/facetest"
)

func TestTheDescriptionIsSound(t *testing.T) {
	t.Parallel()
	set := facetest.Ops(t)
	got := newWorld(t, set).ask("GET", "/openapi.json", "")
	got.want(t, http.StatusOK, "")
	facetest.CheckOpenAPI(t, set, []byte(got.text))
}

func TestTheDescriptionIsTheSameInBothNotations(t *testing.T) {
	t.Parallel()
	w := newWorld(t, facetest.Ops(t))
	inYAML := w.ask("GET", "/openapi.yaml", "")
	if inYAML.Header.Get("Content-Type") != "application/yaml" {
		t.Errorf("got %v", inYAML.Header)
	}
	var tree any
	if err := yaml.Unmarshal([]byte(inYAML.text), &tree); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	var fromYAML map[string]any
	if err := json.Unmarshal(text, &fromYAML); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(w.ask("GET", "/openapi.json", "").body, fromYAML); diff != "" {
		t.Errorf("JSON and YAML differ:\n%s", diff)
	}
}

// dig follows names into an object.
func dig(v any, names ...string) any {
	for _, name := range names {
		object, _ := v.(map[string]any)
		v = object[name]
	}
	return v
}

func TestTheDescriptionOfAnOperation(t *testing.T) {
	t.Parallel()
	api := newWorld(t, facetest.Ops(t)).ask("GET", "/openapi.json", "").body
	update := dig(api, "paths", "/v1/tasks/{task}", "patch")
	body := dig(api, "components", "schemas", "task.update.body")
	if dig(body, "properties", "task") != nil || dig(body, "properties", "title") == nil {
		t.Errorf("got a body %v, want it without what stands in the path", body)
	}
	if dig(update, "requestBody", "required") != nil {
		t.Error("the body of a partial change is required")
	}
	for name, want := range map[string]any{"get": nil, "post": true} {
		path := map[string]string{"get": "/v1/tasks", "post": "/tasks"}[name]
		if got := dig(api, "paths", path, name, "deprecated"); got != want {
			t.Errorf("%s %s: got deprecated %v", name, path, got)
		}
	}
	if got := dig(api, "paths", "/livez", "get", "security"); got == nil || len(got.([]any)) != 0 {
		t.Errorf("got security %v of health, want none", got)
	}
	create := dig(api, "paths", "/v1/tasks", "post", "responses")
	if dig(create, "201") == nil || dig(create, "200") == nil {
		t.Errorf("got responses %v, want both statuses", create)
	}
	if dig(api, "paths", "/v1/tasks/{task}", "delete", "responses", "204", "content") != nil {
		t.Error("an answer without a body has a content")
	}
}
