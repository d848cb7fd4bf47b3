package pipeline

import (
	"encoding/json"

	"github.com/ordinaut/ordinaut"
)

// Controls describes the tools that have a run wait. A step that uses one is
// carried out by the pipeline itself: there is nothing to call.
func Controls() []ordinaut.Tool {
	return []ordinaut.Tool{systemSleep(), quietHoursGate(), requestApproval(), waitForEvent()}
}

// systemSleep waits for a moment.
func systemSleep() ordinaut.Tool {
	return ordinaut.Tool{
		Address:     sleepTool,
		Title:       "Sleep",
		Description: "Has the run wait for so many seconds, or until a time, up to 366 days. It holds no worker meanwhile.",
		InputSchema: json.RawMessage(`{
			"type": "object",
			"properties": {
				"seconds": {"type": "number", "minimum": 0, "maximum": 31622400, "description": "For how long.", "examples": [300]},
				"duration_seconds": {"type": "number", "minimum": 0, "maximum": 31622400, "description": "Another name of seconds."},
				"until": {"type": "string", "format": "date-time", "description": "Until when, as in ${now + 2h}."}
			},
			"minProperties": 1,
			"maxProperties": 1,
			"additionalProperties": false
		}`),
		OutputSchema: json.RawMessage(`{
			"type": "object",
			"properties": {
				"waited": {"type": "boolean", "description": "It had to wait."},
				"until": {"type": "string", "format": "date-time", "description": "When the wait was over."}
			},
			"required": ["waited", "until"]
		}`),
		Examples: []ordinaut.ToolExample{{Input: json.RawMessage(`{"seconds": 300}`)}},
	}
}

// quietHoursGate waits until nobody minds being disturbed.
func quietHoursGate() ordinaut.Tool {
	return ordinaut.Tool{
		Address:     quietTool,
		Title:       "Quiet hours",
		Description: "Has the run wait until the quiet hours are over, such as a night. Outside of them it goes on at once. Clock changes are heeded.",
		InputSchema: json.RawMessage(`{
			"type": "object",
			"properties": {
				"from": {"$ref": "#/$defs/time", "description": "When they begin, on the clocks of the zone.", "examples": ["22:00"]},
				"to": {"$ref": "#/$defs/time", "description": "When they end, the next day if that is earlier.", "examples": ["07:00"]},
				"start": {"$ref": "#/$defs/time", "description": "Another name of from."},
				"end": {"$ref": "#/$defs/time", "description": "Another name of to."},
				"timezone": {"type": "string", "minLength": 1, "description": "An IANA zone; the task's when it is not sent.", "examples": ["Europe/Chisinau"]},
				"days": {"type": "array", "minItems": 1, "items": {"enum": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]}, "description": "The days on which they begin; each when it is not sent."}
			},
			"allOf": [
				{"oneOf": [{"required": ["from"]}, {"required": ["start"]}]},
				{"oneOf": [{"required": ["to"]}, {"required": ["end"]}]}
			],
			"additionalProperties": false,
			"$defs": {"time": {"type": "string", "pattern": "^(([01]?[0-9]|2[0-3]):[0-5][0-9]|24:00)$"}}
		}`),
		OutputSchema: json.RawMessage(`{
			"type": "object",
			"properties": {
				"waited": {"type": "boolean", "description": "It was in the quiet hours."},
				"until": {"type": ["string", "null"], "format": "date-time", "description": "When they were over; null when there were none."}
			},
			"required": ["waited", "until"]
		}`),
		Examples: []ordinaut.ToolExample{{Input: json.RawMessage(`{"from": "22:00", "to": "07:00"}`)}},
	}
}

// requestApproval waits for somebody's decision.
func requestApproval() ordinaut.Tool {
	return ordinaut.Tool{
		Address: approvalTool,
		Title:   "Ask for approval",
		Description: "Has the run wait until somebody approves or rejects what is asked, or sends it back with changes. Whoever decides sees the data and the calls that follow. " +
			"A rejection fails the run, unless a later step reads the result of this one.",
		InputSchema: json.RawMessage(`{
			"type": "object",
			"properties": {
				"message": {"type": "string", "minLength": 1, "maxLength": 4000, "description": "What is asked.", "examples": ["Send these 3 reminders?"]},
				"data": {"description": "What it is about. A list can be approved in part."},
				"timeout_hours": {"type": "number", "exclusiveMinimum": 0, "maximum": 8784, "description": "The deadline, so many hours from then; a week when none is sent."},
				"timeout_seconds": {"type": "number", "exclusiveMinimum": 0, "maximum": 31622400, "description": "The same in seconds."},
				"deadline": {"type": "string", "format": "date-time", "description": "The deadline as a time, as in ${now + 3d}."},
				"default": {"enum": ["reject", "approve"], "default": "reject", "description": "What the deadline decides."},
				"on_reject": {"enum": ["fail", "continue"], "description": "What becomes of the run after a rejection; it goes on when a later step reads the result, and fails when none does."}
			},
			"required": ["message"],
			"dependentSchemas": {
				"deadline": {"properties": {"timeout_hours": false, "timeout_seconds": false}},
				"timeout_hours": {"properties": {"timeout_seconds": false}}
			},
			"additionalProperties": false
		}`),
		OutputSchema: json.RawMessage(`{
			"type": "object",
			"properties": {
				"status": {"enum": ["approved", "rejected"]},
				"approved": {"type": "boolean"},
				"approved_items": {"description": "The data, or the part of it that was approved; [] when it was rejected."},
				"by": {"type": ["string", "null"], "description": "Who has decided; null is the deadline."},
				"comment": {"type": ["string", "null"]},
				"decided_at": {"type": ["string", "null"], "format": "date-time"},
				"timed_out": {"type": "boolean", "description": "The deadline has decided."}
			},
			"required": ["status", "approved", "approved_items", "by", "comment", "decided_at", "timed_out"]
		}`),
		Examples: []ordinaut.ToolExample{{Input: json.RawMessage(`{"message": "Send these reminders?", "data": [{"to": "ana@example.com"}], "timeout_hours": 4}`)}},
	}
}
