package mcpclient

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/internal/schema"
	"github.com/ordinaut/ordinaut/internal/telemetry"
)

// usableName is a name that can be part of an address.
var usableName = regexp.MustCompile(`^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$`)

const longestName = 128

// list asks a session for all tools, and gives those that can be used. It is one
// use of the session.
func (s *Server) list(ctx context.Context, session *session) ([]ordinaut.Tool, error) {
	raw, err := do(ctx, session, func(ctx context.Context) ([]json.RawMessage, error) {
		return s.pages(ctx, session)
	})
	if err != nil {
		return nil, err
	}
	tools := make([]ordinaut.Tool, 0, len(raw))
	taken := map[string]bool{}
	for _, raw := range raw {
		t, err := s.offered(raw)
		switch {
		case err != nil:
			session.log.Warn("tool left out", telemetry.Err(err))
		case t.Address == "":
		case taken[t.Address]:
			session.log.Warn("tool left out", telemetry.KeyReason, "there are two of the name "+t.Address)
		default:
			taken[t.Address] = true
			tools = append(tools, t)
		}
	}
	return tools, nil
}

// pages gives the definitions of all tools. Cursors may lead in a circle or
// nowhere, so there are no more pages than there may be tools, and no more of
// them all than fits into one message.
func (s *Server) pages(ctx context.Context, session *session) (all []json.RawMessage, err error) {
	var params mcp.ListToolsParams
	size := 0
	for range limits.ToolsPerServer {
		page, err := session.sdk.ListTools(ctx, &params)
		if err != nil {
			return nil, err
		}
		for _, t := range page.Tools {
			raw := unsealTool(t)
			if size += len(raw); len(all) == limits.ToolsPerServer || size > limits.ToolFrameBytes {
				session.log.Warn("tools left out", telemetry.KeyReason, "they are too many", telemetry.KeyCount, len(all))
				return all, nil
			}
			all = append(all, raw)
		}
		if page.NextCursor == "" || page.NextCursor == params.Cursor {
			break
		}
		params = mcp.ListToolsParams{Cursor: page.NextCursor}
	}
	return all, nil
}

// definition is a tool as servers define it.
type definition struct {
	Name         string          `json:"name"`
	Title        string          `json:"title"`
	Description  string          `json:"description"`
	InputSchema  json.RawMessage `json:"inputSchema"`
	OutputSchema json.RawMessage `json:"outputSchema"`
	Annotations  struct {
		Title          string `json:"title"`
		ReadOnlyHint   bool   `json:"readOnlyHint"`
		IdempotentHint bool   `json:"idempotentHint"`
	} `json:"annotations"`
}

// offered is the tool of a definition; one without an address when the
// configuration leaves it out, an error when it cannot be used.
func (s *Server) offered(raw json.RawMessage) (ordinaut.Tool, error) {
	var d definition
	if err := json.Unmarshal(raw, &d); err != nil {
		return ordinaut.Tool{}, errors.New("its definition cannot be read")
	}
	if !s.wanted(d.Name) {
		return ordinaut.Tool{}, nil
	}
	if len(d.Name) > longestName || !usableName.MatchString(d.Name) {
		return ordinaut.Tool{}, fmt.Errorf("the name %q cannot be part of an address", cut(d.Name, longestName))
	}
	for _, shape := range []json.RawMessage{d.InputSchema, d.OutputSchema} {
		if len(shape) == 0 {
			continue
		}
		if _, err := schema.Compile(shape); err != nil {
			return ordinaut.Tool{}, fmt.Errorf("a schema of %s cannot be used: %w", d.Name, err)
		}
	}
	return ordinaut.Tool{
		Address:      s.config.Name + "." + d.Name,
		Title:        cmp.Or(d.Title, d.Annotations.Title),
		Description:  d.Description,
		InputSchema:  d.InputSchema,
		OutputSchema: d.OutputSchema,
		ReadOnly:     d.Annotations.ReadOnlyHint,
		Idempotent:   d.Annotations.IdempotentHint,
	}, nil
}

// wanted says whether the configuration offers a tool.
func (s *Server) wanted(name string) bool {
	included := len(s.config.Include) == 0 || slices.Contains(s.config.Include, name)
	return included && !slices.Contains(s.config.Exclude, name)
}
