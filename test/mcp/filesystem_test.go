package mcp

import (
	"encoding/base64"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// filesystemCalls are calls of a server that may touch the folder.
func filesystemCalls(t *testing.T, folder string) []call {
	const text = "первая строка\r\n\"second\"\t\\ third 🌍\n\n  {\"a\": [1, 2.50]} $ {x} \u2028 end without a line break"
	// An edit makes the ends of all lines alike.
	const edited = "первая строка\n\"2nd\"\t\\ third 🌍\n\n  {\"a\": [1, 2.50]} $ {x} \u2028 end without a line break"
	in := func(names ...string) string { return filepath.Join(append([]string{folder}, names...)...) }
	picture := []byte("\x89PNG\r\n\x1a\n\x00\xff")
	writeFile(t, in("dot.png"), picture)
	content := func(text string) map[string]any { return map[string]any{"content": text} }
	at := func(names ...string) map[string]any { return map[string]any{"path": in(names...)} }
	edit := map[string]any{"path": in("a", "note.txt"), "edits": []any{map[string]any{"oldText": `"second"`, "newText": `"2nd"`}}}
	onDisk := func(want string, names ...string) check {
		return func(t *testing.T, _ outcome) {
			t.Helper()
			if diff := cmp.Diff(want, string(readFile(t, in(names...)))); diff != "" {
				t.Errorf("the file (-want +got):\n%s", diff)
			}
		}
	}
	return []call{
		{"list_allowed_directories", nil, says(folder)},
		{"create_directory", at("a"), says("Successfully created")},
		{"write_file", map[string]any{"path": in("a", "note.txt"), "content": text}, all(says("Successfully wrote"), onDisk(text, "a", "note.txt"))},
		{"write_file", map[string]any{"path": filepath.Join(folder, "..", "note.txt"), "content": text}, refuses("Access denied")},
		{"read_file", at("a", "note.txt"), gives(content(text))},
		{"read_text_file", at("a", "note.txt"), gives(content(text))},
		{"read_text_file", map[string]any{"path": in("a", "note.txt"), "tail": 1}, gives(content("  {\"a\": [1, 2.50]} $ {x} \u2028 end without a line break"))},
		{"read_text_file", at("nothing.txt"), refuses("ENOENT")},
		{"read_media_file", at("dot.png"), gives(map[string]any{"content": []any{map[string]any{
			"type": "image", "mimeType": "image/png", "data": base64.StdEncoding.EncodeToString(picture),
		}}})},
		{"read_multiple_files", map[string]any{"paths": []any{in("a", "note.txt"), in("nothing.txt")}}, says(text, "nothing.txt: Error")},
		{"edit_file", edit, all(says(`+"2nd"`), onDisk(edited, "a", "note.txt"))},
		{"list_directory", at("."), says("[DIR] a", "[FILE] dot.png")},
		{"list_directory_with_sizes", at("."), says("dot.png", "10 B")},
		{"directory_tree", at("."), says(`"note.txt"`)},
		{"search_files", map[string]any{"path": folder, "pattern": "**/*.txt"}, gives(content(in("a", "note.txt")))},
		{"get_file_info", at("dot.png"), says("size: 10")},
		{"move_file", map[string]any{"source": in("a", "note.txt"), "destination": in("moved.txt")}, all(says("Successfully moved"), onDisk(edited, "moved.txt"))},
	}
}
