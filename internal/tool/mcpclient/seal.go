package mcpclient

import (
	"bytes"
	"encoding/json"
	"github.com/ordinaut/ordinaut/internal/jsonguard"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// sealedKey is where a tool under seal carries its definition as it came.
const sealedKey = "ordinaut/sealed"

// seal puts an answer into an envelope that the SDK carries without opening it.
// We want what a tool said as it was written, digits and order included, where
// the SDK would decode it into floats and maps; and what the SDK does not decode
// can do it no harm. Only results of calls and lists of tools are sealed.
func seal(result json.RawMessage) json.RawMessage {
	var parts map[string]json.RawMessage
	_ = json.Unmarshal(result, &parts) // what is no object has no parts
	if parts["tools"] != nil {
		return sealList(parts)
	}
	ofCall := parts == nil
	for _, part := range []string{"content", "structuredContent", "isError", "inputRequests", "requestState"} {
		ofCall = ofCall || parts[part] != nil
	}
	if !ofCall {
		return result
	}
	return encode(envelope{Content: []letter{{Type: "image", Data: result}}})
}

// envelope is a result of a call with the real one in it. As the bytes of an
// image it takes the least to write and to read.
type envelope struct {
	Content []letter `json:"content"`
}

type letter struct {
	Type string `json:"type"`
	Data []byte `json:"data"`
}

// unseal gives the result of a call as it came.
func unseal(r *mcp.CallToolResult) json.RawMessage {
	if len(r.Content) == 1 {
		if sealed, ok := r.Content[0].(*mcp.ImageContent); ok {
			return sealed.Data
		}
	}
	return json.RawMessage("{}")
}

// sealedTool is a tool as the SDK sees it. The schema is the real one only where
// it has to be, because the SDK reads from it which arguments are sent as HTTP
// headers too.
type sealedTool struct {
	Name        string            `json:"name"`
	InputSchema json.RawMessage   `json:"inputSchema"`
	Meta        map[string]string `json:"_meta"`
}

func sealList(parts map[string]json.RawMessage) json.RawMessage {
	var tools []json.RawMessage
	_ = json.Unmarshal(parts["tools"], &tools) // what is no list is an empty one
	tools = tools[:min(len(tools), limits.ToolsPerServer+1)]
	sealed := make([]sealedTool, 0, len(tools))
	for _, raw := range tools {
		var t struct {
			Name        string          `json:"name"`
			InputSchema json.RawMessage `json:"inputSchema"`
		}
		_ = json.Unmarshal(raw, &t) // what is no tool is told when the list is read
		if !bytes.Contains(t.InputSchema, []byte("x-mcp-header")) {
			t.InputSchema = json.RawMessage(`{"type":"object"}`)
		}
		sealed = append(sealed, sealedTool{t.Name, t.InputSchema, map[string]string{sealedKey: string(raw)}})
	}
	parts["tools"] = encode(sealed)
	return encode(parts)
}

// unsealTool gives the definition of a tool as it came.
func unsealTool(t *mcp.Tool) json.RawMessage {
	raw, _ := t.Meta[sealedKey].(string)
	return json.RawMessage(raw)
}

// encode writes JSON with its characters as they are. Everything that is encoded
// here can be.
func encode(v any) json.RawMessage {
	raw, _ := jsonguard.Encode(v)
	return raw
}
