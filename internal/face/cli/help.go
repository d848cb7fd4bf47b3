package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"

	"github.com/ordinaut/ordinaut/internal/op"
)

// card is what ordinaut says when it is asked for nothing: the commands that are
// used most.
func (a *app) card(root *cobra.Command) {
	fmt.Fprintf(a.Stdout, "%s %s: %s\n\n", a.paint.bold("Ordinaut"), a.Version, firstLower(root.Short))
	for _, c := range daily(root) {
		fmt.Fprintf(a.Stdout, "  %-28s%s\n", c.CommandPath(), c.Short)
	}
	fmt.Fprintf(a.Stdout, "\nAll commands: ordinaut --help\n")
}

// daily are the commands that are used most.
func daily(root *cobra.Command) []*cobra.Command {
	var found []*cobra.Command
	for _, words := range []string{"dev", "schedules preview", "tasks create", "tasks list", "run", "runs list"} {
		if c, rest, err := root.Find(strings.Fields(words)); err == nil && len(rest) == 0 {
			found = append(found, c)
		}
	}
	return found
}

func firstLower(text string) string { return strings.ToLower(text[:1]) + text[1:] }

// help writes how a command is used. Examples come first: they are what people
// look for.
func (a *app) help(c *cobra.Command, _ []string) {
	var parts []string
	section := func(title, text string) {
		if text = strings.TrimRight(text, "\n"); text != "" {
			parts = append(parts, a.paint.bold(title+":")+"\n"+text)
		}
	}
	section("Examples", c.Example)
	parts = append(parts, strings.TrimSpace(c.Short+".\n"+c.Long))
	section("Usage", "  "+useLine(c))
	section("Commands", commandList(c))
	section("Flags", c.NonInheritedFlags().FlagUsagesWrapped(helpColumns))
	section("Global flags", c.InheritedFlags().FlagUsagesWrapped(helpColumns))
	if !c.HasParent() {
		section("Environment", environment)
		section("Exit codes", exitCodes)
	}
	fmt.Fprintln(a.Stdout, strings.Join(parts, "\n\n"))
}

// environment is what help says about it.
const environment = `  ORDINAUT_URL         the server, when --url does not name it
  ORDINAUT_TOKEN_FILE  a file that holds the token
  ORDINAUT_TOKEN       the token itself
  ORDINAUT_DATA_DIR    the data folder, when --data-dir does not name it
  NO_COLOR             no colours`

// helpColumns is where the help of flags is wrapped.
const helpColumns = 80

func useLine(c *cobra.Command) string {
	if c.HasAvailableSubCommands() {
		return c.CommandPath() + " COMMAND"
	}
	return c.UseLine()
}

func commandList(c *cobra.Command) string {
	var b strings.Builder
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			fmt.Fprintf(&b, "  %-14s%s\n", sub.Name(), sub.Short)
		}
	}
	return b.String()
}

// explainAll gives every group a summary and examples, made of those of its
// commands.
func explainAll(c *cobra.Command) {
	var names, lines []string
	for _, sub := range c.Commands() {
		explainAll(sub)
		names = append(names, sub.Name())
		lines = append(lines, firstExample(sub))
	}
	if c.Name() == "help" && c.Example == "" {
		c.Example, c.Short = "  ordinaut help tasks create", "Show how a command is used"
	}
	if c.Short == "" {
		c.Short = upper(c.Name()) + ": " + strings.Join(names, ", ")
	}
	if c.Example == "" {
		const most = 6
		c.Example = strings.Join(slices.DeleteFunc(lines, func(s string) bool { return s == "" })[:min(most, len(lines))], "\n")
	}
}

// examples are command lines that ask for an operation as its example does.
func examples(o *op.Op, in *input) string {
	request := &yaml.Node{}
	if len(o.Example) > 0 {
		request, _ = tree(o.Example) // a test keeps the examples valid
	}
	line := "  ordinaut " + o.Command
	for _, name := range o.Args {
		word := argument(name)
		if v := get(request, name); v != nil {
			word = exampleWord(v)
		}
		line += " " + word
	}
	var flags []string
	plain := true
	for i := 0; i+1 < len(request.Content); i += 2 {
		if name := request.Content[i].Value; !slices.Contains(o.Args, name) && name != waitField {
			flags = append(flags, "--"+flagName(name)+" "+exampleWord(request.Content[i+1]))
			plain = plain && request.Content[i+1].Kind == yaml.ScalarNode
		}
	}
	whole := append([]string{line}, flags...)
	lines := []string{strings.Join(whole, " ")}
	if len(lines[0]) > lineRunes {
		lines[0] = strings.Join(whole, " \\\n      ")
	}
	if !plain && len(lines[0]) > lineRunes {
		lines = []string{line + " -f " + o.Noun() + ".yaml", lines[0]}
	}
	if in.properties[waitField] != nil {
		lines = append(lines, line+" --wait=30s")
	}
	return strings.Join(lines, "\n")
}

// lineRunes is how long an example may be before it is broken.
const lineRunes = 90

// firstExample is the first example of a command, whole if it was broken.
func firstExample(c *cobra.Command) string {
	line, rest, more := strings.Cut(c.Example, "\n")
	for more && strings.HasSuffix(line, "\\") {
		var next string
		next, rest, more = strings.Cut(rest, "\n")
		line += "\n" + next
	}
	return line
}

func exampleWord(n *yaml.Node) string {
	if n.Kind == yaml.ScalarNode {
		return shellWord(n.Value)
	}
	return shellWord(compact(n))
}

// shellWord is a text as one word of a shell.
func shellWord(text string) string {
	const safe = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:@%+,="
	if text != "" && strings.Trim(text, safe) == "" {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
