package mcp

func thinkingCalls() []call {
	thought := func(number int, more bool) map[string]any {
		return map[string]any{
			"thought": "Think of it.", "thoughtNumber": number, "totalThoughts": 2, "nextThoughtNeeded": more,
		}
	}
	after := func(number int, more bool) map[string]any {
		return map[string]any{
			"thoughtNumber": float64(number), "totalThoughts": 2.0, "nextThoughtNeeded": more,
			"branches": []any{}, "thoughtHistoryLength": float64(number),
		}
	}
	return []call{
		{"sequentialthinking", thought(1, true), gives(after(1, true))},
		{"sequentialthinking", thought(2, false), gives(after(2, false))},
	}
}
