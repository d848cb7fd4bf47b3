package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/ordinaut/ordinaut"
)

// tell says what went wrong on stderr: as the server said it where JSON was
// asked for, otherwise in one block of text for each fault.
func (a *app) tell(err error) {
	sent, fromServer := errors.AsType[*problem](err)
	e := ordinaut.AsError(err)
	if e.Code == ordinaut.CodeInternal && !fromServer {
		e = &ordinaut.Error{Code: e.Code, Message: err.Error()} // it happened here: nothing to hide
	}
	if a.forPrograms() {
		text := asJSON(e)
		if fromServer {
			text = sent.raw
		}
		fmt.Fprintln(a.Stderr, strings.TrimSpace(string(tame(text))))
		return
	}
	for i, f := range e.All() {
		if i > 0 {
			fmt.Fprintln(a.Stderr)
		}
		a.tellOne(f)
	}
	if fromServer && e.Kind() == ordinaut.KindInternal {
		fmt.Fprintf(a.Stderr, "  %-8s%s\n", "request", clean(sent.requestID))
	}
}

func (a *app) tellOne(f *ordinaut.Error) {
	fmt.Fprintf(a.Stderr, "%s: %s\n", a.paint.state("error"), clean(f.Message))
	line := func(label, text string) {
		if text != "" {
			fmt.Fprintf(a.Stderr, "  %-8s%s\n", label, clean(text))
		}
	}
	line("where", f.At)
	if f.Sent != nil {
		value, _ := json.Marshal(f.Sent)
		line("sent", string(value))
	}
	line("fix", f.Fix)
	line("example", strings.Join(f.Examples, "   "))
}

// forPrograms says whether JSON was asked for.
func (a *app) forPrograms() bool { return a.output == "json" || a.output == "jsonl" }

// asJSON is an error that no server described, in the words of a problem
// document.
func asJSON(e *ordinaut.Error) json.RawMessage {
	type fault struct {
		Code     ordinaut.Code `json:"code"`
		Pointer  string        `json:"pointer"`
		Message  string        `json:"message"`
		Value    any           `json:"value,omitempty"`
		Fix      string        `json:"fix"`
		Examples []string      `json:"examples,omitempty"`
	}
	var faults []fault
	for _, f := range e.All() {
		faults = append(faults, fault{f.Code, f.At, f.Message, f.Sent, f.Fix, f.Examples})
	}
	raw, _ := json.Marshal(map[string]any{"code": e.Code, "detail": e.Message, "fix": e.Fix, "errors": faults}) // values that were JSON before
	return raw
}
