package lookout

import (
	"crypto/sha256"
	"fmt"

	"github.com/ordinaut/ordinaut/internal/expr"
	"github.com/ordinaut/ordinaut/internal/jsonguard"
)

// Per says which events belong together: those for which an expression is the
// same. The zero value is that all do.
type Per struct{ by *expr.Expr }

// ParsePer reads the expression; "" is that all events belong together.
func ParsePer(text string) (Per, error) {
	if text == "" {
		return Per{}, nil
	}
	by, err := expr.Parse(text)
	if err != nil {
		return Per{}, err
	}
	return Per{by}, checkNames(by)
}

// Of is the same text for events that belong together. Where the expression
// cannot be evaluated they belong to those for which it is null.
func (p Per) Of(event map[string]any) string {
	if p.by == nil {
		return ""
	}
	v, err := p.by.Search(&expr.Env{}, event)
	if err != nil {
		v = nil
	}
	text, err := jsonguard.Encode(v)
	switch {
	case err != nil:
		return "null"
	case len(text) > perBytes:
		return fmt.Sprintf("%x", sha256.Sum256(text))
	}
	return string(text)
}

// perBytes is how long what events have in common may be to stand for itself; of
// what is longer its hash does.
const perBytes = 200
