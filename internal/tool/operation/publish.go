package operation

import "encoding/json"

func publishInput() json.RawMessage {
	return json.RawMessage(`{
		"type": "object",
		"properties": {
			"topic": {"type": "string", "minLength": 1, "description": "What has happened, as words with dots."},
			"data": {"description": "What else is to be said of it; any JSON."},
			"subject": {"type": "string", "maxLength": 200, "description": "What it is about."},
			"id": {"type": "string", "minLength": 1, "maxLength": 200, "description": "Names it among the events of the task: one with the same id counts once. Without it each step of each run tells of its own."}
		},
		"required": ["topic"],
		"additionalProperties": false
	}`)
}

func publishOutput() json.RawMessage {
	return json.RawMessage(`{
		"type": "object",
		"properties": {
			"id": {"type": "string", "description": "The event's id."},
			"source": {"type": "string", "description": "Its source, which is the task."},
			"topic": {"type": "string", "description": "Its topic."},
			"duplicate": {"type": "boolean", "description": "It was told before, and counts once."}
		},
		"required": ["id", "source", "topic", "duplicate"]
	}`)
}

// publishAnswer is what the step knows of the event that it has told.
func publishAnswer(result any) any {
	text, err := json.Marshal(result)
	if err != nil {
		return result
	}
	var all struct {
		Items []json.RawMessage `json:"items"`
	}
	if json.Unmarshal(text, &all) != nil || len(all.Items) != 1 {
		return result
	}
	return all.Items[0]
}
