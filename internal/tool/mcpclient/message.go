package mcpclient

import (
	"encoding/json"
	"errors"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
)

// errNoMessage is about an object that is no message of JSON-RPC 2.0.
var errNoMessage = errors.New("this is no message of JSON-RPC 2.0")

// decode takes the envelope of a message apart. The SDK's own decoder takes
// 32 KiB for each message, however small, which a server that floods us would
// make gigabytes of.
func decode(frame json.RawMessage) (jsonrpc.Message, error) {
	var parts map[string]json.RawMessage
	if err := json.Unmarshal(frame, &parts); err != nil {
		return nil, err
	}
	var number any
	if raw, ok := parts["id"]; ok {
		if err := json.Unmarshal(raw, &number); err != nil {
			return nil, err
		}
	}
	id, err := jsonrpc.MakeID(number)
	switch method, isRequest := parts["method"]; {
	case err != nil:
		return nil, err
	case string(parts["jsonrpc"]) != `"2.0"`:
		return nil, errNoMessage
	case isRequest:
		r := &jsonrpc.Request{ID: id, Params: parts["params"]}
		return r, json.Unmarshal(method, &r.Method)
	case !id.IsValid():
		return nil, errNoMessage
	}
	r := &jsonrpc.Response{ID: id, Result: parts["result"]}
	if raw, ok := parts["error"]; ok && string(raw) != "null" {
		refused := &jsonrpc.Error{}
		r.Error = refused
		return r, json.Unmarshal(raw, refused)
	}
	return r, nil
}
