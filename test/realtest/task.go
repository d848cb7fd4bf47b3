package realtest

// Step is a step of a pipeline, as JSON.
type Step map[string]any

// Manual is a task, as JSON, that only runs when it is asked to, and whose failure
// is final.
func Manual(title string, steps ...Step) map[string]any {
	return map[string]any{
		"title": title, "schedule_kind": "manual", "max_retries": 0, "overlap": "allow",
		"payload": map[string]any{"pipeline": steps},
	}
}
