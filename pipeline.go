package ordinaut

import "encoding/json"

// Payload is what a task does, as its owner writes it.
type Payload struct {
	Params   json.RawMessage `json:"params,omitempty"` // an object, ${params} in templates
	Pipeline []Step          `json:"pipeline"`
}

// Step is one call of a tool.
type Step struct {
	ID             string          `json:"id,omitempty"`      // step_<n> when it has none
	Uses           string          `json:"uses"`              // the tool's address
	With           json.RawMessage `json:"with,omitempty"`    // the arguments, a template
	SaveAs         string          `json:"save_as,omitempty"` // a second name of the result
	If             string          `json:"if,omitempty"`      // the condition without which the step is skipped
	TimeoutSeconds float64         `json:"timeout_seconds,omitempty"`
	Description    string          `json:"description,omitempty"`
}
