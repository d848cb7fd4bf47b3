package cli

import (
	"encoding/json"
	"fmt"

	"github.com/danielgtaylor/huma/v2"
	"github.com/spf13/cobra"

	"github.com/ordinaut/ordinaut/internal/op"
)

// decide is the operation that takes a decision.
const decide = "approval.decide"

// verb is a command that takes one kind of decision.
type verb struct {
	word     string
	group    string // under which it stands; "" is none
	decision string
	done     string   // the word for what was done
	fields   []string // of the request that make sense with it
	short    string
	example  string
}

// verbs are the commands for the decisions that people take every day. Every
// other one is taken with the command of the operation.
func verbs() []verb {
	return []verb{
		{
			word: "approve", decision: "approved", done: "Approved", fields: []string{"comment", "items"},
			short:   "Approve what a run waits for",
			example: "  ordinaut approve invoices\n  ordinaut approve 5f3c9a1b:review --comment 'Looks good' --wait\n  ordinaut approve invoices --items '[\"A-17\"]'",
		},
		{
			word: "reject", decision: "rejected", done: "Rejected", fields: []string{"comment"},
			short:   "Reject what a run waits for",
			example: "  ordinaut reject invoices --comment 'Not this month'",
		},
		{
			word: "changes", group: "approvals", decision: "changes", done: "Sent back", fields: []string{"comment", "to"},
			short:   "Have an earlier step done again before deciding",
			example: "  ordinaut approvals changes newsletter --to draft --comment 'Shorter, please'",
		},
	}
}

// addApprovalCommands adds a command for each everyday decision.
func (a *app) addApprovalCommands(root *cobra.Command) {
	o := a.Ops.Find(decide)
	if o == nil {
		return
	}
	for _, v := range verbs() {
		parent := root
		if v.group != "" {
			parent = child(root, v.group)
		}
		parent.AddCommand(a.verbCommand(o, v))
	}
}

// verbCommand is the command of the operation with its decision taken.
func (a *app) verbCommand(o *op.Op, v verb) *cobra.Command {
	in := newInput(a, o)
	kept := in.properties
	in.properties, in.done = map[string]*huma.Schema{}, v.done
	for _, name := range append([]string{o.Args[0], waitField, "digest"}, v.fields...) {
		in.properties[name] = kept[name]
	}
	c := &cobra.Command{
		Use: v.word + " " + argument(o.Args[0]), Short: v.short, Long: o.Details, Example: v.example,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage(c, fmt.Sprintf("%s takes one %s", c.CommandPath(), argument(o.Args[0])), "see which there are: ordinaut approvals list")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			in.sent["decision"] = json.RawMessage(`"` + v.decision + `"`)
			return a.carryOut(c, o, in, args)
		},
	}
	in.addFlags(c)
	return c
}
