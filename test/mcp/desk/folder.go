package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// desk is the folder that a server works on.
type desk string

// read reads a JSON file of the folder.
func (d desk) read(name string, into any) error {
	text, err := os.ReadFile(filepath.Join(string(d), name))
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}

// add writes a line of JSON at the end of a file of the folder.
func (d desk) add(name string, value any) error {
	line, err := json.Marshal(value)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(string(d), name), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if _, err := f.Write(append(line, '\n')); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

// record writes down each call before it is answered.
func (d desk) record(server string) mcp.Middleware {
	return func(next mcp.MethodHandler) mcp.MethodHandler {
		return func(ctx context.Context, method string, req mcp.Request) (mcp.Result, error) {
			if call, ok := req.GetParams().(*mcp.CallToolParamsRaw); ok {
				if err := d.add(server+".calls.jsonl", map[string]any{
					"tool": call.Name, "arguments": call.Arguments, "meta": call.Meta,
				}); err != nil {
					return nil, err
				}
			}
			return next(ctx, method, req)
		}
	}
}
