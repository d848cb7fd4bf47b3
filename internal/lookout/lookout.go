// Package lookout says which events somebody looks out for: those whose topic
// fits a pattern and for which an expression holds, written as in
//
//	order.* where data.total > 100
//
// It also says what such an expression, and a pipeline, see of an event. The
// package does no I/O; who looks out, and what follows, is for others to say.
package lookout

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/expr"
)

// Lookout is a pattern of topics with an expression, compiled. It never changes,
// and many goroutines may ask it at once.
type Lookout struct {
	topic string
	text  string     // of the expression; "" is none
	where *expr.Expr // nil always holds
}

// Parse reads a pattern, behind which there may stand where and an expression.
func Parse(text string) (*Lookout, error) {
	text = strings.TrimSpace(text)
	topic, rest, some := cutSpace(text)
	if !some {
		return New(topic, "")
	}
	word, where, _ := cutSpace(rest)
	if !strings.EqualFold(word, "where") {
		return nil, &ordinaut.Error{
			Code: ordinaut.CodeEventTopic, Sent: text,
			Message:  fmt.Sprintf("%q follows the topic, and only where and an expression may", word),
			Fix:      "write the topic without spaces, and a condition behind where",
			Examples: []string{topic + " where data.total > 100"},
		}
	}
	if where == "" {
		return nil, &ordinaut.Error{
			Code: ordinaut.CodeEventTopic, Sent: text,
			Message: "nothing follows where", Fix: "write an expression behind it, or leave where out",
			Examples: []string{topic, topic + " where data.total > 100"},
		}
	}
	return New(topic, where)
}

// cutSpace cuts a text at its first space.
func cutSpace(text string) (head, rest string, some bool) {
	i := strings.IndexAny(text, " \t\r\n")
	if i < 0 {
		return text, "", false
	}
	return text[:i], strings.TrimSpace(text[i:]), true
}

// New is a lookout of a pattern and an expression, of which "" is none.
func New(topic, where string) (*Lookout, error) {
	if err := CheckPattern(topic); err != nil {
		return nil, err
	}
	l := &Lookout{topic: topic, text: strings.TrimSpace(where)}
	if l.text == "" {
		return l, nil
	}
	parsed, err := expr.Parse(l.text)
	if err != nil {
		return nil, err
	}
	if err := checkNames(parsed); err != nil {
		return nil, err
	}
	l.where = parsed
	return l, nil
}

// checkNames refuses an expression that reads what no event has: it would never
// hold, and nobody would know why.
func checkNames(e *expr.Expr) error {
	names := fields()
	for _, ref := range e.Refs() {
		if slices.Contains(names, ref.Root) {
			continue
		}
		fault := &ordinaut.Error{
			Code: ordinaut.CodeExprRoot, Sent: ref.Root,
			Message:  fmt.Sprintf("an event has no %q", ref.Root),
			Fix:      "read from " + strings.Join(names, ", ") + "; what was published lies in data",
			Examples: []string{"data." + ref.Root},
		}
		if near := ordinaut.Nearest(ref.Root, names); near != "" {
			fault.Fix, fault.Examples = "did you mean "+near+"?", []string{near}
		}
		return fault
	}
	return nil
}

// Topic is the pattern.
func (l *Lookout) Topic() string { return l.topic }

// String is the one spelling of the lookout.
func (l *Lookout) String() string {
	if l.text == "" {
		return l.topic
	}
	return l.topic + " where " + l.text
}

// Sentence says in English which events these are.
func (l *Lookout) Sentence() string {
	about := "events of " + l.topic
	switch head, all := strings.CutSuffix(l.topic, ".>"); {
	case l.topic == ">":
		about = "all events"
	case all && !strings.Contains(head, "*"):
		about = "events of all topics under " + head
	case strings.Contains(l.topic, "*"), all:
		about = "events whose topic fits " + l.topic
	}
	if l.text == "" {
		return about
	}
	return about + ", if " + l.text
}

// Covers says whether the pattern covers a topic.
func (l *Lookout) Covers(topic string) bool { return ordinaut.TopicMatches(l.topic, topic) }

// Sees says whether the expression holds for an event that the pattern covers.
// An expression that cannot be evaluated does not hold, and the error says why.
func (l *Lookout) Sees(event map[string]any) (bool, error) {
	if l.where == nil {
		return true, nil
	}
	whole := maps.Clone(event)
	whole["event"] = event // for those who write it as a pipeline does
	v, err := l.where.Search(&expr.Env{}, whole)
	return err == nil && expr.Truthy(v), err
}
