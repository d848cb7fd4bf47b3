package mcp

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// everythingCalls are calls of a server that has one tool for each thing that the
// protocol can do. What needs roots, sampling or elicitation it does not list for
// us, who offer none of them.
func everythingCalls() []call {
	return []call{
		{"echo", map[string]any{"message": "Привет, 🌍\n"}, gives(map[string]any{"text": "Echo: Привет, 🌍\n"})},
		{"get-annotated-message", map[string]any{"messageType": "error", "includeImage": true}, all(says("Error: Operation failed"), hasBlock("image"))},
		{"get-env", nil, withoutCanary},
		{"get-resource-links", map[string]any{"count": 2}, hasBlock("resource_link")},
		{"get-resource-reference", map[string]any{"resourceType": "Text", "resourceId": 7}, all(says("Resource 7"), hasBlock("resource"))},
		{"get-structured-content", map[string]any{"location": "Chicago"}, gives(map[string]any{"temperature": 36.0, "conditions": "Light rain / drizzle", "humidity": 82.0})},
		{"get-sum", map[string]any{"a": 2, "b": 40.5}, gives(map[string]any{"text": "The sum of 2 and 40.5 is 42.5."})},
		{"get-tiny-image", nil, all(says("The image above is the MCP logo."), hasBlock("image"))},
		{"gzip-file-as-resource", map[string]any{"name": "a.gz", "data": "data:text/plain,hello", "outputType": "resource"}, unzips("hello")},
		{"toggle-simulated-logging", nil, says("Started")},
		{"toggle-simulated-logging", nil, says("Stopped")},
		{"toggle-subscriber-updates", nil, says("Started")},
		{"toggle-subscriber-updates", nil, says("Stopped")},
		{"trigger-long-running-operation", map[string]any{"duration": 0.3, "steps": 3}, all(says("completed"), logs("progress 1 of 3", "progress 2 of 3"))},
		{"simulate-research-query", map[string]any{"topic": "moss"}, refuses("requires task augmentation")},
	}
}

// hasBlock wants a block of a type in the content.
func hasBlock(kind string) check {
	return func(t *testing.T, o outcome) {
		t.Helper()
		succeeded(t, o)
		blocks, _ := o.output["content"].([]any)
		for _, block := range blocks {
			if b, ok := block.(map[string]any); ok && b["type"] == kind {
				return
			}
		}
		t.Errorf("got %.2000s, want a block of type %s", o.Output, kind)
	}
}

// logs wants the call to have logged these lines, among others. What is said
// together with the answer need not be among them.
func logs(lines ...string) check {
	return func(t *testing.T, o outcome) {
		t.Helper()
		for _, line := range lines {
			if !slices.Contains(o.log, line) {
				t.Errorf("the call logged %q, want %q among it", o.log, line)
			}
		}
	}
}

// withoutCanary wants the environment of the tool's server to hold nothing that
// is ours alone.
func withoutCanary(t *testing.T, o outcome) {
	t.Helper()
	says("PATH")(t, o)
	if strings.Contains(string(o.Output), canary) {
		t.Errorf("the tool sees our environment: %s", o.Output)
	}
}

// unzips wants a block with a compressed text, and no other.
func unzips(want string) check {
	return func(t *testing.T, o outcome) {
		t.Helper()
		succeeded(t, o)
		var got []string
		for _, text := range texts(o.output) {
			if content, err := unzip(text); err == nil {
				got = append(got, content)
			}
		}
		if diff := cmp.Diff([]string{want}, got); diff != "" {
			t.Errorf("unzipped (-want +got):\n%s", diff)
		}
	}
}

func unzip(text string) (string, error) {
	zipped, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return "", err
	}
	r, err := gzip.NewReader(bytes.NewReader(zipped))
	if err != nil {
		return "", err
	}
	content, err := io.ReadAll(r)
	return string(content), err
}
