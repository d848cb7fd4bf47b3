package ordinaut

import "encoding/json"

// Payload is what a task does, as its owner writes it.
type Payload struct {
	Params   map[string]json.RawMessage `json:"params,omitempty" doc:"Names and values, read as params; a run may lay its own over them."`
	Pipeline []Step                     `json:"pipeline" minItems:"1" maxItems:"100" nullable:"false" doc:"The steps. They run one after the other, unless needs says otherwise."`
	Output   json.RawMessage            `json:"output,omitempty" doc:"The output of the run, a template; without one, the result of the last step."`
	Probe    *ProbeStep                 `json:"probe,omitempty" doc:"Of a schedule of kind condition: the call over whose answer schedule_expr is an expression."`
}

// ProbeStep is a call that is made again and again. Its tags are the schema of a
// probe in a file.
type ProbeStep struct {
	Uses           string          `json:"uses" minLength:"1" doc:"The address of the tool, server.tool." example:"http.request"`
	With           json.RawMessage `json:"with,omitempty" doc:"The arguments, in which ${…} is replaced." example:"{\"url\":\"https://shop.example/stock\"}"`
	EverySeconds   float64         `json:"every_seconds" minimum:"5" maximum:"86400" doc:"How often it is made." example:"60"`
	TimeoutSeconds float64         `json:"timeout_seconds,omitempty" exclusiveMinimum:"0" maximum:"60" default:"30" doc:"How long it may take."`
	Description    string          `json:"description,omitempty" doc:"What it is for."`
}

// Step is one call of a tool, or one for each item of a list. Its tags are the
// schema of a step in a file.
type Step struct {
	ID             string          `json:"id,omitempty" pattern:"^[A-Za-z0-9_-]{1,50}$" doc:"Its name, by which later steps read its result; step_<n>, counted from 0, when it has none." example:"forecast"`
	Uses           string          `json:"uses,omitempty" minLength:"1" doc:"The address of the tool, server.tool." example:"debug.echo"`
	With           json.RawMessage `json:"with,omitempty" doc:"The arguments, in which ${…} is replaced." example:"{\"message\":\"Hello, ${params.name}!\"}"`
	SaveAs         string          `json:"save_as,omitempty" pattern:"^[A-Za-z0-9_-]{1,50}$" doc:"A second name of its result."`
	If             string          `json:"if,omitempty" doc:"The condition without which it is skipped; its result is then null." example:"steps.forecast.max > 30"`
	Needs          []string        `json:"needs,omitempty" doc:"The ids of the steps that it waits for; the one above when it is not sent, and none when it is empty." example:"[\"fetch\"]"`
	TimeoutSeconds float64         `json:"timeout_seconds,omitempty" exclusiveMinimum:"0" maximum:"3600" default:"30" doc:"How long one attempt may take."`
	Timeout        float64         `json:"timeout,omitempty" exclusiveMinimum:"0" maximum:"3600" doc:"Another name of timeout_seconds."`
	Retry          *StepRetry      `json:"retry,omitempty" doc:"Its own budget of failures; without one it uses the run's."`
	OnError        json.RawMessage `json:"on_error,omitempty" doc:"What becomes of a failure: fail, continue, or {value: a template that stands for the result}." example:"\"continue\""`
	OnDoubt        string          `json:"on_doubt,omitempty" enum:"retry,fail,ask" default:"retry" doc:"What becomes of it when nobody knows whether its call had an effect: it is called again with the same key, it fails, or somebody is asked."`
	IdempotencyKey string          `json:"idempotency_key,omitempty" minLength:"1" doc:"A template of the key under which its call has its effect once, however often it is made; one of the run and the step when it is not sent." example:"invoice-${params.number}"`
	Undo           *StepUndo       `json:"undo,omitempty" doc:"What takes back what it has done, when the run fails or is canceled."`
	Foreach        string          `json:"foreach,omitempty" doc:"An expression that gives a list, for each of whose items it is done." example:"steps.fetch.items"`
	Steps          []Step          `json:"steps,omitempty" doc:"What is done for each item, in place of uses."`
	MaxParallel    int             `json:"max_parallel,omitempty" minimum:"1" maximum:"32" default:"1" doc:"How many items at once."`
	Description    string          `json:"description,omitempty" doc:"What it is for."`
}

// StepUndo takes back what a step has done.
type StepUndo struct {
	Uses           string          `json:"uses" minLength:"1" doc:"The address of the tool that takes it back." example:"payments.refund"`
	With           json.RawMessage `json:"with,omitempty" doc:"Its arguments, which may read the result of the step." example:"{\"payment\":\"${steps.charge.id}\"}"`
	TimeoutSeconds float64         `json:"timeout_seconds,omitempty" exclusiveMinimum:"0" maximum:"3600" default:"30" doc:"How long one attempt may take."`
	Timeout        float64         `json:"timeout,omitempty" exclusiveMinimum:"0" maximum:"3600" doc:"Another name of timeout_seconds."`
	Retry          *StepRetry      `json:"retry,omitempty" doc:"How often it is tried again; three times when it is not sent."`
}

// StepRetry is a step's own budget of failures.
type StepRetry struct {
	MaxRetries      int     `json:"max_retries,omitempty" minimum:"0" maximum:"20" default:"3" doc:"How many failures it may recover from."`
	BackoffStrategy Backoff `json:"backoff_strategy,omitempty" enum:"exponential_jitter,exponential,linear,fixed" doc:"How the wait between retries grows." default:"exponential_jitter"`
	BaseSeconds     float64 `json:"base_seconds,omitempty" exclusiveMinimum:"0" maximum:"86400" default:"1" doc:"The first wait."`
	MaxSeconds      float64 `json:"max_seconds,omitempty" exclusiveMinimum:"0" maximum:"86400" default:"300" doc:"The longest wait."`
	On              []Class `json:"on,omitempty" doc:"The classes of failures that are tried again."`
}
