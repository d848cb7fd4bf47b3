package cli

import (
	"encoding/json"

	"go.yaml.in/yaml/v3"

	"github.com/ordinaut/ordinaut"
)

// isInvalid says whether an answer says that what was sent is not valid.
func isInvalid(root *yaml.Node) bool {
	valid := get(root, "valid")
	return valid != nil && valid.Tag == "!!bool" && valid.Value == "false"
}

// sentFault is one fault as a server tells it.
type sentFault struct {
	Code     ordinaut.Code   `json:"code"`
	Pointer  string          `json:"pointer"`
	Message  string          `json:"message"`
	Value    json.RawMessage `json:"value"`
	Fix      string          `json:"fix"`
	Examples []string        `json:"examples"`
}

func (f sentFault) described() *ordinaut.Error {
	e := &ordinaut.Error{Code: f.Code, At: f.Pointer, Message: f.Message, Fix: f.Fix, Examples: f.Examples}
	if f.Value != nil {
		e.Sent = f.Value
	}
	return e
}

// verdict is the faults in an answer that says what is wrong with what was sent,
// so that the command fails and tells them like any others.
func verdict(body []byte) error {
	var answer struct {
		Valid  *bool       `json:"valid"`
		Errors []sentFault `json:"errors"`
	}
	if json.Unmarshal(body, &answer) != nil || answer.Valid == nil || *answer.Valid {
		return nil // it is an answer like others
	}
	e := &ordinaut.Error{Code: ordinaut.CodeRequestInvalid, Message: "it is not valid", Fix: "mend every fault in errors"}
	for _, f := range answer.Errors {
		e.Faults = append(e.Faults, f.described())
	}
	return e
}
