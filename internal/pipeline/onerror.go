package pipeline

import (
	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/expr"
)

// onError says what becomes of a run whose step has failed for good. The zero
// value is that it fails too.
type onError struct {
	goesOn bool           // the step has a result all the same
	value  *expr.Template // which is this; nil is null
}

// onError reads what becomes of a failure.
func (k *checker) onError(d *draft, r reader) {
	switch sent := d.fields["on_error"].(type) {
	case nil:
	case map[string]any:
		k.only(sent, r.at, []string{"value"})
		value, ok := sent["value"]
		if !ok {
			k.fault(ordinaut.CodeFieldRequired, r.at+"/value", nil, "on_error says nothing of a value", "add the value that stands for the result, or send fail or continue").
				Examples = []string{`{"value": []}`}
			return
		}
		t, err := expr.ParseTemplate(value)
		if err != nil {
			k.faults.Add(ordinaut.AsError(err).Under(r.at + "/value"))
			return
		}
		r.at, r.own = r.at+"/value", true
		d.whole = k.refs(r, t.Refs()) || d.whole
		d.step.onError = onError{goesOn: true, value: t}
	default:
		if k.oneOf(sent, r.at, "on_error", []string{"fail", "continue"}) {
			d.step.onError.goesOn = sent == "continue"
		}
	}
}
