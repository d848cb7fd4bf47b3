package facetest_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ordinaut/ordinaut/internal/face/facetest"
	"github.com/ordinaut/ordinaut/internal/op"
)

func TestFaultsOfADescriptionAreFound(t *testing.T) {
	t.Parallel()
	set, err := op.NewSet(
		op.New(op.Op{Name: "a.get", Method: "GET", Path: "/v1/a/{task}", Example: json.RawMessage(`{"task":1}`)}, facetest.Same[facetest.TaskName]),
		op.New(op.Op{Name: "b.get", Method: "GET", Path: "/v1/b", Example: json.RawMessage(`{`)}, facetest.Same[op.Nothing]),
	)
	if err != nil {
		t.Fatal(err)
	}
	got := facetest.OpenAPIFaults(set, []byte(`{
		"openapi": "3.0.0",
		"paths": {
			"/v1/a/{task}": {"get": {"operationId": "x", "parameters": [{"in": "path", "name": "tsak"}], "responses": {"200": {}, "default": {}}}},
			"/v1/c": {"get": {"operationId": "x", "parameters": [{"in": "query", "name": "q", "schema": {"$ref": "#/components/schemas/none"}}], "responses": {"200": {}}}}
		},
		"components": {"schemas": {
			"a.get.request": {"type": "object", "properties": {"task": {"type": "string"}}},
			"odd": {"type": "nothing"}
		}}
	}`))
	for i, f := range got {
		got[i], _, _ = strings.Cut(f, ":")
	}
	want := []string{
		"GET /v1/a/{task} and GET /v1/c are both called x",
		"GET /v1/a/{task}", "GET /v1/a/{task}",
		"GET /v1/b is not described",
		"GET /v1/c does not say how it is answered, well and badly",
		`got version "3.0.0", want 3.1`,
		"the example of a.get does not fit its schema",
		"the example of b.get is not JSON",
		"the reference #/components/schemas/none leads nowhere",
		"the schema odd does not compile",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
	if got := facetest.OpenAPIFaults(set, []byte("[]")); len(got) != 1 {
		t.Errorf("got %q", got)
	}
}
