package ordinaut

import "encoding/json"

// Payload is what a task does, as its owner writes it.
type Payload struct {
	Params   json.RawMessage `json:"params,omitempty"` // an object, ${params} in templates
	Pipeline []Step          `json:"pipeline"`
	Output   json.RawMessage `json:"output,omitempty"` // a template; without one, the result of the last step
}

// Step is one call of a tool, or one for each item of a list.
type Step struct {
	ID             string          `json:"id,omitempty"`      // step_<n> when it has none
	Uses           string          `json:"uses,omitempty"`    // the tool's address
	With           json.RawMessage `json:"with,omitempty"`    // the arguments, a template
	SaveAs         string          `json:"save_as,omitempty"` // a second name of the result
	If             string          `json:"if,omitempty"`      // the condition without which the step is skipped
	Needs          []string        `json:"needs,omitzero"`    // the steps it waits for; nil is the one above
	TimeoutSeconds float64         `json:"timeout_seconds,omitempty"`
	Retry          *StepRetry      `json:"retry,omitempty"`    // nil is the budget of the run
	OnError        json.RawMessage `json:"on_error,omitempty"` // "fail", "continue" or {"value": a template}
	Foreach        string          `json:"foreach,omitempty"`  // the list for each of whose items it is done
	Steps          []Step          `json:"steps,omitempty"`    // what is done for each item, in place of Uses
	MaxParallel    int             `json:"max_parallel,omitempty"`
	Description    string          `json:"description,omitempty"`
}

// StepRetry is a step's own budget of failures.
type StepRetry struct {
	MaxRetries      *int    `json:"max_retries,omitempty"`
	BackoffStrategy Backoff `json:"backoff_strategy,omitempty"`
	BaseSeconds     float64 `json:"base_seconds,omitempty"`
	MaxSeconds      float64 `json:"max_seconds,omitempty"`
	On              []Class `json:"on,omitempty"` // the failures that are tried again
}
