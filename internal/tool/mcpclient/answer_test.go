package mcpclient

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/tool"
)

func TestTheOutputIsWhatTheToolSaid(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, result, want string }{
		{"structured content, exactly", `{"content":[{"type":"text","text":"other"}],"structuredContent":{"b":1.0,"a":12345678901234567890}}`, `{"b":1.0,"a":12345678901234567890}`},
		{"structured content that is a list", `{"structuredContent":[1]}`, `[1]`},
		{"no structured content", `{"content":[],"structuredContent":null}`, `{"text":""}`},
		{"nothing", `{}`, `{"text":""}`},
		{"a text", `{"content":[{"type":"text","text":"a < b"}]}`, `{"text":"a < b"}`},
		{"texts", `{"content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}`, `{"text":"a\nb"}`},
		{"a text that is JSON", `{"content":[{"type":"text","text":" {\"a\": 1e2} "}]}`, `{"text":" {\"a\": 1e2} ","json":{"a":1e2}}`},
		{"a text beside JSON", `{"content":[{"type":"text","text":"found"},{"type":"text","text":"[1]"},{"type":"text","text":"[2]"}]}`, `{"text":"found\n[1]\n[2]","json":[1]}`},
		{"a number as text", `{"content":[{"type":"text","text":"42"}]}`, `{"text":"42"}`},
		{"JSON that is refused", `{"content":[{"type":"text","text":"{\"a\":1,\"a\":2}"}]}`, `{"text":"{\"a\":1,\"a\":2}"}`},
		{"an image", `{"content":[{"type":"text","text":"a"},{"type":"image","data":"eA==","mimeType":"image/png"}]}`,
			`{"text":"a","content":[{"type":"text","text":"a"},{"type":"image","data":"eA==","mimeType":"image/png"}]}`},
		{"a kind of tomorrow", `{"content":[{"type":"hologram"}]}`, `{"text":"","content":[{"type":"hologram"}]}`},
		{"something odd", `{"content":[7]}`, `{"text":"","content":[7]}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, Options{}, answers(func(id string) string { return result(id, tt.result) }))
			if output, err := call(t.Context(), s, "x", "{}"); err != nil || output != tt.want {
				t.Errorf("got %s, %v; want %s", output, err, tt.want)
			}
		})
	}
}

func TestAToolSaysWhyItFailed(t *testing.T) {
	t.Parallel()
	for result, want := range map[string]string{
		`{"isError":true,"content":[{"type":"text","text":" no "}]}`: "fs.x failed: no",
		`{"isError":true,"structuredContent":{"why":"no"}}`:          `fs.x failed: {"why":"no"}`,
		`{"isError":true}`: "fs.x failed: it does not say why",
	} {
		_, err := outputOf("fs.x", json.RawMessage(result))
		fault := wantFailure(t, err, ordinaut.CodeToolFailed, ordinaut.ClassToolError)
		if fault.Message != want {
			t.Errorf("got %q, want %q", fault.Message, want)
		}
	}
	_, err := outputOf("fs.x", json.RawMessage(`{"isError":true,"content":[{"type":"text","text":"`+strings.Repeat("x", 1<<16)+`"}]}`))
	if got := len(tool.FailureOf(err).Err.Message); got != mostMessage {
		t.Errorf("got a message of %d bytes, want %d", got, mostMessage)
	}
}
