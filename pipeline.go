package ordinaut

import "encoding/json"

// Payload is what a task does, as its owner writes it.
type Payload struct {
	Params   map[string]json.RawMessage `json:"params,omitempty" doc:"Names and values, read as params; a run may lay its own over them."`
	Pipeline []Step                     `json:"pipeline" minItems:"1" maxItems:"100" nullable:"false" doc:"The steps. They run one after the other."`
}

// Step is one call of a tool. Its tags are the schema of a step in a file.
type Step struct {
	ID             string          `json:"id,omitempty" pattern:"^[A-Za-z0-9_-]{1,50}$" doc:"Its name, by which later steps read its result; step_<n>, counted from 0, when it has none." example:"forecast"`
	Uses           string          `json:"uses" minLength:"1" doc:"The address of the tool, server.tool." example:"debug.echo"`
	With           json.RawMessage `json:"with,omitempty" doc:"The arguments, in which ${…} is replaced." example:"{\"message\":\"Hello, ${params.name}!\"}"`
	SaveAs         string          `json:"save_as,omitempty" pattern:"^[A-Za-z0-9_-]{1,50}$" doc:"A second name of its result."`
	If             string          `json:"if,omitempty" doc:"The condition without which it is skipped; its result is then null." example:"steps.forecast.max > 30"`
	TimeoutSeconds float64         `json:"timeout_seconds,omitempty" exclusiveMinimum:"0" maximum:"3600" default:"30" doc:"How long one attempt may take."`
	Timeout        float64         `json:"timeout,omitempty" exclusiveMinimum:"0" maximum:"3600" doc:"Another name of timeout_seconds."`
	Description    string          `json:"description,omitempty" doc:"What it is for."`
}
