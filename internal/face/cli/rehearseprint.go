package cli

import (
	"encoding/json"
	"fmt"
	"strings"
)

// printRehearsed writes a line for each case, and below it what is wrong.
func (a *app) printRehearsed(all []rehearsed) error {
	if a.output != "table" {
		items := []json.RawMessage{}
		for _, r := range all {
			items = append(items, r.report())
		}
		return a.printItems(map[string]any{"passed": passed(all), "items": items}, "file")
	}
	for _, r := range all {
		fmt.Fprintln(a.Stdout, a.paint.bold(clean(r.File)))
		for _, c := range r.Cases {
			a.printCase(c)
		}
	}
	return nil
}

// report is the whole answer, with the files that it is about.
func (r rehearsed) report() json.RawMessage {
	var all fields
	_ = json.Unmarshal(r.whole, &all) // it has been read before
	all["file"], _ = quoted(r.File)
	all["mocks"], _ = quoted(r.Mocks)
	raw, _ := json.Marshal(all) // values that were JSON before
	return raw
}

// printCase writes what became of a case.
func (a *app) printCase(c rehearsedCase) {
	mark := a.paint.state("ok") + "    "
	if !c.Passed {
		mark = a.paint.state("failed")
	}
	fmt.Fprintf(a.Stdout, "  %s  %s  (%s)\n", mark, clean(c.Name), c.effort())
	for _, line := range c.Told {
		fmt.Fprintf(a.Stdout, "          %s\n", clean(line))
	}
	if c.Stopped != nil {
		fmt.Fprintf(a.Stdout, "          %s\n", clean(c.Stopped.Message))
		a.printValue("fix", c.Stopped.Fix)
	}
	for _, m := range c.Mismatches {
		fmt.Fprintf(a.Stdout, "          %s: %s\n", clean(m.At), clean(m.Message))
		if lines := m.lines(); lines != nil {
			for _, l := range lines {
				fmt.Fprintf(a.Stdout, "            %s\n", a.paint.change(clean(l)))
			}
			continue
		}
		a.printValue("want", string(m.Want))
		a.printValue("got", string(m.Got))
	}
}

// effort says how many calls a case took.
func (c rehearsedCase) effort() string {
	calls := fmt.Sprintf("%d calls", len(c.Calls))
	if len(c.Calls) == 1 {
		calls = "1 call"
	}
	if c.Attempts > 1 {
		calls += fmt.Sprintf(" in %d attempts", c.Attempts)
	}
	return calls
}

// lines are the differences between two texts of several lines; nothing when
// they are not that.
func (m rehearsedMistake) lines() []string {
	var want, got string
	if json.Unmarshal(m.Want, &want) != nil || json.Unmarshal(m.Got, &got) != nil || !strings.Contains(want+got, "\n") {
		return nil
	}
	return differences(strings.Split(want, "\n"), strings.Split(got, "\n"))
}

func (a *app) printValue(label, value string) {
	if value != "" {
		fmt.Fprintf(a.Stdout, "            %-5s %s\n", label, clean(value))
	}
}
