package mcpclient

import (
	"encoding/json"
	"strings"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/jsonguard"
	"github.com/ordinaut/ordinaut/internal/tool"
)

// answer is the result of a call as it came.
type answer struct {
	Content           []json.RawMessage `json:"content"`
	StructuredContent json.RawMessage   `json:"structuredContent"`
	IsError           bool              `json:"isError"`
	ResultType        string            `json:"resultType"`
}

// outputOf makes the output of a step of the result of a call: the structured
// content, exactly, when there is some, and otherwise an object with what the
// content says.
func outputOf(address string, result json.RawMessage) (json.RawMessage, error) {
	var a answer
	if err := json.Unmarshal(result, &a); err != nil {
		fault := protocolFault("the answer of " + address + " has not the form of a tool's result")
		fault.Err = err
		return nil, fault
	}
	content := read(a.Content)
	switch {
	case a.IsError:
		return nil, complaint(address, content.Text, a.StructuredContent)
	case a.ResultType == "input_required":
		return nil, needsInput(address)
	case len(a.StructuredContent) > 0 && string(a.StructuredContent) != "null":
		return a.StructuredContent, nil
	}
	return encode(content), nil
}

// content is the output of a tool without structured content.
type content struct {
	Text   string            `json:"text"`              // all texts, joined by line breaks
	JSON   json.RawMessage   `json:"json,omitempty"`    // the first text that is an object or a list
	Blocks []json.RawMessage `json:"content,omitempty"` // as they came, when there is anything but text
}

func read(blocks []json.RawMessage) (c content) {
	var texts []string
	for _, raw := range blocks {
		var block struct {
			Type string `json:"type"`
			Text string `json:"text"`
		}
		if json.Unmarshal(raw, &block) != nil || block.Type != "text" {
			c.Blocks = blocks
			continue
		}
		texts = append(texts, block.Text)
		if c.JSON == nil {
			c.JSON = asJSON(block.Text)
		}
	}
	c.Text = strings.Join(texts, "\n")
	return c
}

// asJSON is the text when it is a JSON object or list, and else nothing.
func asJSON(text string) json.RawMessage {
	text = strings.TrimSpace(text)
	if !strings.HasPrefix(text, "{") && !strings.HasPrefix(text, "[") {
		return nil
	}
	if jsonguard.Check([]byte(text), jsonguard.Limits{}) != nil {
		return nil
	}
	return json.RawMessage(text)
}

// complaint is the failure of a tool that says itself that it failed.
func complaint(address, text string, structured json.RawMessage) *tool.Failure {
	said := strings.TrimSpace(text)
	if said == "" {
		said = string(structured)
	}
	if said == "" {
		said = "it does not say why"
	}
	return &tool.Failure{Class: ordinaut.ClassToolError, Err: &ordinaut.Error{
		Code:    ordinaut.CodeToolFailed,
		Message: cut(address+" failed: "+said, mostMessage),
		Fix:     "mend what the tool complains about in the arguments of the step",
	}}
}

// needsInput is the failure of a tool that asks a question first.
func needsInput(address string) *tool.Failure {
	return &tool.Failure{Class: ordinaut.ClassToolError, Err: &ordinaut.Error{
		Code:    ordinaut.CodeToolFailed,
		Message: address + " asks a person for input, and nobody is there",
		Fix:     "give the tool all that it needs in its arguments, or use another tool",
	}}
}
