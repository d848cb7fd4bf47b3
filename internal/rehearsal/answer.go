package rehearsal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"github.com/ordinaut/ordinaut/internal/jsonguard"
	"slices"
	"strings"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/expr"
)

// answers is what a tool or a step is answered with: one answer for every call,
// or a list of them.
type answers []*answer

// answer is one of them: what a tool gives or how it fails, what somebody
// decides, or that nobody knows what became of a call.
type answer struct {
	Match  any             `json:"match"`
	Output json.RawMessage `json:"output"`
	Error  *mockedError    `json:"error"`
	Doubt  bool            `json:"doubt"`
	Times  int             `json:"times"` // 0 is any number of times

	Decision     string          `json:"decision"` // of an approval or a doubt
	By           string          `json:"by"`
	Comment      string          `json:"comment"`
	Items        json.RawMessage `json:"items"`
	To           string          `json:"to"`
	AfterSeconds float64         `json:"after_seconds"` // how long a step that waits has waited by then

	output *expr.Template // of Output
}

// mockedError is the failure that a tool is to answer with.
type mockedError struct {
	Class   ordinaut.Class `json:"class"`
	Code    ordinaut.Code  `json:"code"`
	Message string         `json:"message"`
}

// UnmarshalJSON reads one answer or a list. One of a list that says nothing about
// the arguments is given once: the list then answers call after call.
func (all *answers) UnmarshalJSON(raw []byte) error {
	if !bytes.HasPrefix(raw, []byte("[")) {
		var one answer
		*all = answers{&one}
		return jsonguard.Decode(raw, &one)
	}
	var list []*answer
	if err := jsonguard.Decode(raw, &list); err != nil {
		return err
	}
	for _, one := range list {
		if one.Times == 0 && one.Match == nil {
			one.Times = 1
		}
	}
	*all = list
	return nil
}

// parse reads the template of the output, and says what does not go together.
func (a *answer) parse() (faults ordinaut.Errors) {
	if e := a.contradiction(); e != nil {
		faults.Add(e)
		return faults
	}
	var output any
	if a.Output != nil {
		faults.Add(jsonguard.Decode(a.Output, &output))
	}
	var err error
	if a.output, err = expr.ParseTemplate(output); err != nil {
		faults.Add(ordinaut.AsError(err).Under("/output"))
		return faults
	}
	for _, ref := range a.output.Refs() {
		if !slices.Contains(answerRoots(), ref.Root) {
			faults.Add(unknownRoot(ref.Root, "/output"+ref.At))
		}
	}
	return faults
}

// contradiction is an answer that says nothing, or two things at once.
func (a *answer) contradiction() *ordinaut.Error {
	said := 0
	for _, one := range []bool{a.Doubt, a.Error != nil, !a.Doubt && a.Output != nil, !a.Doubt && a.Decision != ""} {
		if one {
			said++
		}
	}
	switch {
	case said != 1:
		return &ordinaut.Error{
			Code: ordinaut.CodeFieldRequired, Message: "an answer has an output, an error, a decision or a doubt, and only one of them",
			Fix:      "say what the tool gives, how it fails, or what somebody decides",
			Examples: []string{`{"output": {}}`, `{"error": {"class": "unavailable"}}`, `{"decision": "approved"}`, `{"doubt": true}`},
		}
	case a.Decision == "" && (a.By != "" || a.Comment != "" || a.Items != nil || a.To != ""):
		return &ordinaut.Error{
			Code: ordinaut.CodeFieldRequired, At: "/decision", Message: "by, comment, items and to go with a decision",
			Fix: "say what is decided: " + strings.Join(a.decisions(), ", "), Examples: a.decisions(),
		}
	case a.Decision != "" && !slices.Contains(a.decisions(), a.Decision):
		return &ordinaut.Error{
			Code: ordinaut.CodeFieldValue, At: "/decision", Sent: a.Decision,
			Message: "that is not decided here", Fix: "decide " + strings.Join(a.decisions(), ", "), Examples: a.decisions(),
		}
	case a.Decision == decisionChanges && a.To == "":
		return &ordinaut.Error{
			Code: ordinaut.CodeFieldRequired, At: "/to", Message: "whoever wants changes names the step that is done again",
			Fix: "give the id of an earlier step as to",
		}
	case a.Doubt && a.Output != nil && a.Decision != decisionDone:
		return &ordinaut.Error{
			Code: ordinaut.CodeFieldValue, At: "/output", Message: "a call in doubt has an output only when somebody says that it is done",
			Fix: "decide " + decisionDone + ", or leave the output out",
		}
	}
	return nil
}

// The decisions that rehearsals have to know of.
const (
	decisionChanges = "changes"
	decisionDone    = "done"
)

// decisions are what may be decided: about a call in doubt, or an approval.
func (a *answer) decisions() []string {
	if a.Doubt {
		return []string{"retry", decisionDone, "fail"}
	}
	return []string{"approved", "rejected", decisionChanges}
}

// after is how long a step has waited when the answer comes.
func (a *answer) after() time.Duration {
	return time.Duration(a.AfterSeconds * float64(time.Second))
}

// answerRoots is what an answer may read from.
func answerRoots() []string { return []string{"args", "call", "now"} }

func unknownRoot(root, at string) *ordinaut.Error {
	return &ordinaut.Error{
		Code: ordinaut.CodeExprRoot, At: at, Sent: root,
		Message: fmt.Sprintf("a mock has nothing called %q to read from", root),
		Fix:     "read from " + strings.Join(answerRoots(), ", ") + ", or write $${ for a ${ that is text",
	}
}
