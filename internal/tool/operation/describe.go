package operation

import (
	"encoding/json"

	"github.com/ordinaut/ordinaut"
)

// description says which operation a tool is, and what a pipeline must know of
// it beyond that.
type description struct {
	address   string
	operation string
	title     string
	more      string          // what else is to be said
	input     json.RawMessage // nil is what the operation takes
	output    json.RawMessage
	once      bool          // asking again for the same step changes nothing more
	leaveOut  []string      // arguments that the operation does not take
	answer    func(any) any // of the result; nil is as it is
	examples  []ordinaut.ToolExample
}

// RunTask is the address of the tool that runs a task as a step of another run.
const RunTask = "flow.run_task"

func descriptions() []description {
	const onceMade = "Trying the step again makes no second one."
	create := description{
		operation: "task.create", title: "Create a task", once: true, output: taskOutput(),
		more: "It belongs to the agent whose task makes it. " + onceMade + " Write $${…} for what the new task is to fill in itself.",
		examples: example(`{"title":"Call back","schedule_kind":"once","schedule_expr":"2027-01-07T09:00:00+02:00",` +
			`"payload":{"pipeline":[{"uses":"debug.log","with":{"message":"Time to call back"}}]}}`),
	}
	created, planned := create, create
	created.address, planned.address = "task.create", "orchestrator.create_task"
	return []description{
		created, planned,
		{
			address: "task.run", operation: "task.run", title: "Run a task", once: true, output: runOutput(),
			more: "It does not wait for the end of the run; flow.run_task does. " + onceMade, examples: example(`{"task":"morning-briefing"}`),
		},
		{
			address: RunTask, operation: "task.run", title: "Run a task and wait for it", once: true,
			more:  "The step ends with the run, and fails when that fails; it holds no worker meanwhile. " + onceMade,
			input: runTaskInput(), output: runTaskOutput(), leaveOut: []string{"wait", "timeout_seconds"}, answer: runTaskAnswer,
			examples: example(`{"task":"morning-briefing","params":{"city":"Chisinau"}}`),
		},
		{
			address: "task.get", operation: "task.get", title: "Look at a task", once: true, output: taskOutput(),
			more: "With its newest run.", examples: example(`{"task":"morning-briefing"}`),
		},
		{
			address: "task.snooze", operation: "task.snooze", title: "Put a task off", output: taskOutput(),
			more: "Only its next occurrence.", examples: example(`{"task":"morning-briefing","for":"2h"}`),
		},
		{
			address: "task.pause", operation: "task.pause", title: "Pause a task", once: true, output: taskOutput(),
			more: "Runs under way go on.", examples: example(`{"task":"morning-briefing"}`),
		},
		{
			address: "task.resume", operation: "task.resume", title: "Resume a task", once: true, output: taskOutput(),
			more: "What it missed is in its ledger.", examples: example(`{"task":"morning-briefing"}`),
		},
		{
			address: "task.cancel", operation: "task.cancel", title: "Cancel a task", once: true, output: taskOutput(),
			more: "It cannot be taken back.", examples: example(`{"task":"morning-briefing"}`),
		},
		{
			address: "event.publish", operation: "event.publish", title: "Tell of an event", once: true,
			more:  "Its source is the task. Trying the step again tells it no second time.",
			input: publishInput(), output: publishOutput(), answer: publishAnswer,
			examples: example(`{"topic":"order.paid","data":{"order":4711}}`),
		},
	}
}

// example is a call as it may be written in a step.
func example(input string) []ordinaut.ToolExample {
	return []ordinaut.ToolExample{{Input: json.RawMessage(input)}}
}

// taskOutput is what pipelines mostly want to know of a task. The rest is as
// GET /v1/tasks/{task} answers.
func taskOutput() json.RawMessage {
	return json.RawMessage(`{
		"type": "object",
		"properties": {
			"id": {"type": "string", "description": "The task's id."},
			"key": {"type": "string", "description": "Its human name."},
			"status": {"enum": ["active", "paused", "canceled", "completed"], "description": "Where it stands."},
			"sentence": {"type": "string", "description": "When it fires, in English."},
			"next_fire_at": {"type": ["string", "null"], "description": "When it fires next."}
		},
		"required": ["id", "key", "status"]
	}`)
}

func runOutput() json.RawMessage {
	return json.RawMessage(`{
		"type": "object",
		"properties": {
			"id": {"type": "string", "description": "The run's id."},
			"task_id": {"type": "string", "description": "The task that it carries out."},
			"status": {"type": "string", "description": "Where it stands."}
		},
		"required": ["id", "task_id", "status"]
	}`)
}

func runTaskInput() json.RawMessage {
	return json.RawMessage(`{
		"type": "object",
		"properties": {
			"task": {"type": "string", "minLength": 1, "description": "The id or key of the task."},
			"params": {"type": "object", "description": "Laid over the task's params for this run."},
			"wait": {"type": "boolean", "default": true, "description": "Wait for the end of the run."},
			"timeout_seconds": {"type": "number", "exclusiveMinimum": 0, "maximum": 31622400, "description": "How long to wait at most."}
		},
		"required": ["task"],
		"additionalProperties": false
	}`)
}

func runTaskOutput() json.RawMessage {
	return json.RawMessage(`{
		"type": "object",
		"properties": {
			"run_id": {"type": "string", "description": "The run that was made."},
			"task_id": {"type": "string", "description": "The task that it carries out."},
			"status": {"type": "string", "description": "Where the run stands; how it ended, when the step waited for it."},
			"output": {"description": "What the run gave, when the step waited for it."}
		},
		"required": ["run_id", "task_id", "status"]
	}`)
}

// runTaskAnswer is what the step knows of the run that it made.
func runTaskAnswer(result any) any {
	text, err := json.Marshal(result)
	if err != nil {
		return result
	}
	var run struct {
		ID     string `json:"id"`
		TaskID string `json:"task_id"`
		Status string `json:"status"`
	}
	if json.Unmarshal(text, &run) != nil {
		return result
	}
	return map[string]string{"run_id": run.ID, "task_id": run.TaskID, "status": run.Status}
}
