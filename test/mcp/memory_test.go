package mcp

func memoryCalls() []call {
	entity := func(name string, observations ...any) map[string]any {
		if observations == nil {
			observations = []any{}
		}
		return map[string]any{"name": name, "entityType": "person", "observations": observations}
	}
	knows := []any{map[string]any{"from": "Ada", "to": "Charles", "relationType": "knows"}}
	graph := func(relations []any, entities ...any) map[string]any {
		return map[string]any{"entities": entities, "relations": relations}
	}
	done := func(message string) map[string]any { return map[string]any{"success": true, "message": message} }
	return []call{
		{"create_entities", map[string]any{"entities": []any{entity("Ada", "writes"), entity("Charles")}},
			gives(map[string]any{"entities": []any{entity("Ada", "writes"), entity("Charles")}})},
		{"create_relations", map[string]any{"relations": knows}, gives(map[string]any{"relations": knows})},
		{"add_observations", map[string]any{"observations": []any{map[string]any{"entityName": "Charles", "contents": []any{"builds"}}}},
			gives(map[string]any{"results": []any{map[string]any{"entityName": "Charles", "addedObservations": []any{"builds"}}}})},
		{"add_observations", map[string]any{"observations": []any{map[string]any{"entityName": "Nobody", "contents": []any{"x"}}}},
			refuses("Nobody", "not found")},
		{"read_graph", nil, gives(graph(knows, entity("Ada", "writes"), entity("Charles", "builds")))},
		{"search_nodes", map[string]any{"query": "builds"}, gives(graph(knows, entity("Charles", "builds")))},
		{"open_nodes", map[string]any{"names": []any{"Ada"}}, gives(graph(knows, entity("Ada", "writes")))},
		{"delete_observations", map[string]any{"deletions": []any{map[string]any{"entityName": "Ada", "observations": []any{"writes"}}}},
			gives(done("Observations deleted successfully"))},
		{"delete_relations", map[string]any{"relations": knows}, gives(done("Relations deleted successfully"))},
		{"delete_entities", map[string]any{"entityNames": []any{"Charles"}}, gives(done("Entities deleted successfully"))},
		{"read_graph", nil, gives(graph([]any{}, entity("Ada")))},
	}
}
