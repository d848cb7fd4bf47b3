package cli

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/ordinaut/ordinaut/internal/op"
)

func formats() []string { return []string{"table", "json", "yaml", "jsonl", "name"} }

// print writes the answer to stdout in the format that was asked for.
func (a *app) print(o *op.Op, in *input, ans answer) error {
	if a.output == "json" {
		_, err := a.Stdout.Write(tame(ans.body))
		return err
	}
	root := &yaml.Node{}
	if a.output == "table" && isDocument(o) {
		return a.printDocument(ans.body)
	}
	if len(ans.body) > 0 {
		var err error
		if root, err = tree(ans.body); err != nil {
			return fmt.Errorf("read the answer of %s: %w", o.Name, err)
		}
	}
	switch a.output {
	case "yaml":
		return a.printYAML(root)
	case "jsonl":
		for _, item := range itemsOr(root, o.Columns) {
			fmt.Fprintln(a.Stdout, string(tame([]byte(compact(item)))))
		}
	case "name":
		for _, item := range itemsOr(root, o.Columns) {
			fmt.Fprintln(a.Stdout, clean(name(item, o.Columns)))
		}
	default:
		err := a.printTable(o, in, ans.status, root)
		a.warn(root)
		return err
	}
	return nil
}

// isDocument says whether an operation gives JSON that is meant to be kept as it
// is.
func isDocument(o *op.Op) bool { return o.Result() == reflect.TypeFor[json.RawMessage]() }

// printDocument writes JSON in lines.
func (a *app) printDocument(text json.RawMessage) error {
	var lines bytes.Buffer
	if err := json.Indent(&lines, bytes.TrimSpace(text), "", "  "); err != nil {
		return fmt.Errorf("write the document: %w", err)
	}
	_, err := fmt.Fprintln(a.Stdout, string(tame(lines.Bytes())))
	return err
}

// warn tells the warnings of an answer, which are not what was asked for.
func (a *app) warn(root *yaml.Node) {
	warnings := get(root, "warnings")
	if warnings == nil || warnings.Kind != yaml.SequenceNode {
		return
	}
	for _, w := range warnings.Content {
		message, fix := get(w, "message"), get(w, "fix")
		if message == nil {
			continue
		}
		a.say("warning: %s", clean(message.Value))
		if fix != nil && fix.Value != "" {
			a.say("  fix     %s", clean(fix.Value))
		}
	}
}

// printYAML writes the answer as YAML.
func (a *app) printYAML(root *yaml.Node) error {
	if root.Kind == 0 {
		return nil
	}
	text, err := asYAML(root)
	if err != nil {
		return err
	}
	_, err = a.Stdout.Write(text)
	return err
}

// asYAML is a tree as YAML that reads back as the same. Texts with characters
// that a terminal would obey stand in quotes, where the escapes by which these
// are shown are those of YAML.
func asYAML(root *yaml.Node) ([]byte, error) {
	quoteObeyed(root)
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(root); err != nil {
		return nil, fmt.Errorf("write YAML: %w", err)
	}
	return []byte(cleanLines(b.String())), nil
}

func quoteObeyed(n *yaml.Node) {
	if n.Tag == "!!str" && strings.ContainsFunc(n.Value, func(r rune) bool { return r != '\n' && obeyed(r) }) {
		n.Style = yaml.DoubleQuotedStyle
	}
	for _, c := range n.Content {
		quoteObeyed(c)
	}
}

// printTable writes the answer for people: a list as a table, a change as a
// short confirmation, anything else whole.
func (a *app) printTable(o *op.Op, in *input, status int, root *yaml.Node) error {
	list, beside := items(root, o.Columns)
	switch {
	case list != nil:
		a.heading(beside)
		a.table(o.Columns, list)
		if next := get(root, "next_cursor"); next != nil && next.Tag != "!!null" {
			a.say("there is more: add --cursor %s", next.Value)
		}
		return nil
	case isInvalid(root):
		return nil // its faults are told, and they are all that there is
	case o.Effect != op.Read && !o.Whole:
		a.confirm(o, in, status, root)
		return nil
	}
	return a.printYAML(withoutBlanks(root, 2))
}

// heading writes the plain fields that stand beside a list.
func (a *app) heading(beside []*yaml.Node) {
	var rows [][]string
	for i := 0; i+1 < len(beside); i += 2 {
		if text := line(beside[i+1]); text != "" {
			rows = append(rows, []string{clean(words(beside[i].Value)), text})
		}
	}
	if len(rows) > 0 {
		a.align(rows)
		fmt.Fprintln(a.Stdout)
	}
}

// table writes a list with one line for each item.
func (a *app) table(columns []string, list []*yaml.Node) {
	if len(columns) == 0 && len(list) > 0 {
		columns = plainFields(list[0])
	}
	if len(columns) == 0 {
		for _, item := range list {
			fmt.Fprintln(a.Stdout, line(item))
		}
		return
	}
	rows := [][]string{make([]string, len(columns))}
	for i, c := range columns {
		rows[0][i] = a.paint.bold(clean(strings.ToUpper(words(c))))
	}
	for _, item := range list {
		row := make([]string, len(columns))
		for i, c := range columns {
			row[i] = cell(get(item, c))
		}
		rows = append(rows, row)
	}
	a.align(rows)
}

// align writes rows in columns.
func (a *app) align(rows [][]string) {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, text := range row {
			widths[i] = max(widths[i], width(text))
		}
	}
	for _, row := range rows {
		var b strings.Builder
		for i, text := range row {
			b.WriteString(a.paint.state(text))
			if i < len(row)-1 {
				b.WriteString(strings.Repeat(" ", widths[i]-width(text)+2))
			}
		}
		fmt.Fprintln(a.Stdout, strings.TrimRight(b.String(), " "))
	}
}

// words is the name of a field as people write it.
func words(field string) string { return strings.ReplaceAll(field, "_", " ") }

// confirm says what was changed, and how it now stands.
func (a *app) confirm(o *op.Op, in *input, status int, root *yaml.Node) {
	_, verb, _ := strings.Cut(o.Name, ".")
	what := name(root, nil)
	if what == "" && len(o.Args) > 0 {
		what = plain(in.sent[o.Args[0]])
	}
	if in.done != "" {
		what = plain(in.sent[o.Args[0]])
	}
	fmt.Fprintf(a.Stdout, "%s %s\n", cmp.Or(in.done, done(verb, status)), clean(what))
	if string(in.sent["dry_run"]) == "true" {
		a.say("this was a dry run: nothing was stored")
	}
	columns := o.Columns
	if len(columns) == 0 {
		columns = []string{"status", "sentence", "next_fire_at"}
	}
	for _, c := range columns {
		if v := get(root, c); v != nil && v.Tag != "!!null" && c != "key" && c != "id" && v.Value != what {
			fmt.Fprintf(a.Stdout, "  %-12s%s\n", words(strings.TrimSuffix(c, "_at")), a.paint.state(line(v)))
		}
	}
}

// done is the word for something that was done.
func done(verb string, status int) string {
	switch {
	case verb == "create" && status == 200, verb == "update", verb == "rollback":
		return "Changed"
	case verb == "run" || verb == "rerun" || verb == "start":
		return "Started run"
	case strings.HasSuffix(verb, "e"):
		return upper(verb) + "d"
	}
	return upper(verb) + "ed"
}

func upper(word string) string {
	if word == "" {
		return word
	}
	return strings.ToUpper(word[:1]) + word[1:]
}

// tame writes the characters of JSON that a terminal would obey as \u escapes,
// which means the same.
func tame(text []byte) []byte {
	if bytes.IndexFunc(text, func(r rune) bool { return r != '\n' && obeyed(r) }) < 0 {
		return text
	}
	var b bytes.Buffer
	for _, r := range string(text) {
		if r < utf8.RuneSelf && r != 0x7f || unicode.IsPrint(r) {
			b.WriteRune(r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&b, `\u%04x`, unit)
		}
	}
	return b.Bytes()
}

// itemsOr is the items of a list, or the answer itself when it is none.
func itemsOr(root *yaml.Node, columns []string) []*yaml.Node {
	if list, _ := items(root, columns); list != nil {
		return list
	}
	if root.Kind == 0 {
		return nil
	}
	return []*yaml.Node{root}
}

// items finds the list in an answer: the field items, or the first list whose
// entries have one of the columns. Beside it stand the plain fields, but for
// those that turn pages.
func items(root *yaml.Node, columns []string) (list, beside []*yaml.Node) {
	if root.Kind != yaml.MappingNode {
		return nil, nil
	}
	if page := get(root, "items"); page != nil && page.Kind == yaml.SequenceNode {
		return nonNil(page.Content), nil
	}
	for i := 0; i < len(root.Content); i += 2 {
		key, value := root.Content[i], root.Content[i+1]
		fits := value.Kind == yaml.SequenceNode && slices.ContainsFunc(columns, func(c string) bool {
			return len(value.Content) > 0 && get(value.Content[0], c) != nil
		})
		switch {
		case fits && list == nil:
			list = value.Content
		case value.Kind == yaml.ScalarNode:
			beside = append(beside, key, value)
		}
	}
	return list, beside
}

func nonNil(list []*yaml.Node) []*yaml.Node {
	if list == nil {
		return []*yaml.Node{}
	}
	return list
}
