package cli

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/spf13/cobra"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/op"
)

// bulkRuns is the operation that does something to many runs.
const bulkRuns = "run.bulk"

// bulk is a command that does one thing to many runs.
type bulk struct {
	op     *op.Op
	filter *input // of the runs that are meant
	action string
	since  string
	limit  int
	again  bool
	failed bool
	dryRun bool
	yes    bool
}

// addRerunCommands adds the commands about many runs, and about two.
func (a *app) addRerunCommands(root *cobra.Command) {
	runs := child(root, "runs")
	if runs == nil {
		return
	}
	if o := a.Ops.Find(bulkRuns); o != nil {
		many := &cobra.Command{Use: "bulk", Short: o.Summary, Long: o.Details}
		group(many, func(c *cobra.Command) { a.help(c, nil) })
		many.AddCommand(a.bulkCommand(o, "cancel"), a.bulkCommand(o, "rerun"))
		runs.AddCommand(many)
	}
	if o := a.Ops.Find(compareRuns); o != nil {
		runs.AddCommand(a.compareCommand(o))
	}
}

func (a *app) bulkCommand(o *op.Op, action string) *cobra.Command {
	b := &bulk{op: o, action: action, filter: a.filterOf(o)}
	c := &cobra.Command{
		Use:     action,
		Short:   map[string]string{"cancel": "End many runs", "rerun": "Repeat many runs"}[action],
		Long:    "Nothing is asked: without --yes it only says how many runs are meant.",
		Example: fmt.Sprintf("  ordinaut runs bulk %[1]s --task morning-briefing --since 24h --dry-run\n  ordinaut runs bulk %[1]s --task morning-briefing --since 24h --yes", action),
		Args:    noArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return a.bulk(c, b) },
	}
	flags := c.Flags()
	flags.SortFlags = false
	for _, name := range b.filter.order() {
		flags.Var(&field{input: b.filter, name: name, schema: b.filter.properties[name]}, flagName(strings.TrimSuffix(name, "_id")), b.filter.explain(name))
	}
	flags.StringVar(&b.since, "since", "", "only runs made at this `TIME` or later; 24h is a day ago")
	if action == "rerun" {
		flags.BoolVar(&b.failed, "from-failed", false, "keep the results that stand, and go on where each failed")
		flags.BoolVar(&b.again, "again", false, "also runs that were repeated before")
	}
	flags.IntVar(&b.limit, "limit", 0, "how many runs at most, the newest first")
	flags.BoolVar(&b.dryRun, "dry-run", false, "only say what would be done")
	flags.BoolVar(&b.yes, "yes", false, "do it")
	return c
}

// filterOf gathers the filter of an operation, as if it were a request.
func (a *app) filterOf(o *op.Op) *input {
	whole := newInput(a, o)
	in := &input{app: a, op: o, properties: map[string]*huma.Schema{}, sent: fields{}, from: map[string]string{}}
	for name, s := range whole.properties["filter"].Properties {
		if s.Ref != "" {
			s = a.Ops.Registry().SchemaFromRef(s.Ref)
		}
		in.properties[name] = s
	}
	return in
}

// bulk asks for it, dry unless the user has said yes, and prints what came of it.
func (a *app) bulk(c *cobra.Command, b *bulk) error {
	dry := b.dryRun || !b.yes
	sent, err := b.request(dry)
	if err != nil {
		return usage(c, err.Error(), "")
	}
	ans, err := a.call(c.Context(), b.op, sent, 0)
	if err != nil {
		return b.located(err)
	}
	if err := a.print(b.op, nil, ans); err != nil {
		return err
	}
	var came struct {
		Done, Refused int
		More          bool
	}
	if err := json.Unmarshal(ans.body, &came); err != nil {
		return fmt.Errorf("read what came of it: %w", err)
	}
	did := map[string]string{"cancel": "canceled", "rerun": "repeated"}[b.action]
	if dry {
		did = map[string]string{"cancel": "would cancel", "rerun": "would repeat"}[b.action]
	}
	a.say("%s %s, and could not %d", did, runsOf(came.Done), came.Refused)
	if came.More {
		a.say("there are more: ask again for the next")
	}
	if dry && !b.dryRun {
		return usage(c, "nothing was done", "add --yes to do it, or --dry-run to only look")
	}
	return nil
}

func runsOf(n int) string {
	if n == 1 {
		return "1 run"
	}
	return fmt.Sprintf("%d runs", n)
}

// request is what the server is asked for.
func (b *bulk) request(dry bool) (fields, error) {
	if b.since != "" {
		from, err := moment(b.since, time.Now())
		if err != nil {
			return nil, err
		}
		b.filter.sent["from"], _ = quoted(from.Format(time.RFC3339Nano)) // a text always marshals
	}
	filter, err := json.Marshal(b.filter.sent)
	if err != nil {
		return nil, fmt.Errorf("write the filter: %w", err)
	}
	action := b.action
	if b.failed {
		action = "rerun_failed_step"
	}
	sent := fields{"filter": filter, "dry_run": json.RawMessage(fmt.Sprint(dry))}
	sent["action"], _ = quoted(action)
	if b.again {
		sent["again"] = json.RawMessage("true")
	}
	if b.limit > 0 {
		sent["limit"] = json.RawMessage(fmt.Sprint(b.limit))
	}
	return sent, nil
}

// located says of each fault by which flag its value came.
func (b *bulk) located(err error) error {
	if b.filter.app.forPrograms() {
		return err
	}
	for _, f := range ordinaut.AsError(err).All() {
		name, _, _ := strings.Cut(strings.TrimPrefix(f.At, "/filter/"), "/")
		if slices.Contains(b.filter.order(), name) {
			f.At = "--" + flagName(strings.TrimSuffix(name, "_id"))
		}
	}
	return err
}
