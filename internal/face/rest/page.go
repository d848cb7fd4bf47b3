package rest

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // of the page and its style
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"time"
	"unicode"
)

//go:embed approval.html
var approvalPage string

//go:embed approval.css
var approvalStyle string

// page writes the one page there is for people. It needs no scripts, and the
// browser is told to run none.
type page struct {
	template *template.Template
	policy   string
}

func newPage() *page {
	words := template.FuncMap{"moment": moment, "pretty": pretty, "visible": visible, "shown": isShown, "unless": unless, "button": button}
	sum := sha256.Sum256([]byte(approvalStyle))
	return &page{
		template: template.Must(template.New("approval").Funcs(words).Parse(approvalPage)),
		policy: "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; " +
			"form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
	}
}

// view is what the page says.
type view struct {
	Heading string
	Note    string
	Fault   string
	Comment string
	Asked   *asked
	Open    bool
	Style   template.CSS
}

// show shows what is asked, and the form by which it is decided; or what was
// decided before.
func (p *page) show(w http.ResponseWriter, status int, a *asked, v view) {
	v.Asked, v.Open = a, a.State == open
	switch {
	case v.Open && a.Kind == "doubt":
		v.Heading = "Was it carried out?"
	case v.Open:
		v.Heading = "Your approval is needed"
	case a.Decision != nil:
		status, v.Heading, v.Note, v.Fault = http.StatusGone, "This was decided already", a.Decision.tell(), ""
	default:
		status, v.Heading, v.Note, v.Fault = http.StatusGone, "This is over", "The run goes on without a decision, or has ended.", ""
	}
	p.write(w, status, v)
}

func (p *page) write(w http.ResponseWriter, status int, v view) {
	v.Style = template.CSS(approvalStyle) // it is ours
	var b bytes.Buffer
	if err := p.template.ExecuteTemplate(&b, "page", v); err != nil {
		panic(err) // answered as any other panic
	}
	h := w.Header()
	h.Set("Content-Security-Policy", p.policy)
	// With no-referrer, browsers would not say from where the form is sent.
	h.Set("Referrer-Policy", "same-origin")
	h.Set("X-Robots-Tag", "noindex")
	write(w, status, "text/html; charset=utf-8", b.Bytes())
}

// tell says what was decided, by whom and when.
func (d *decided) tell() string {
	if d.TimedOut {
		return "Nobody decided in time, so it was " + past(d.Decision) + "."
	}
	text := "It was " + past(d.Decision)
	switch d.By {
	case "":
	case "link":
		text += " by somebody with the link"
	default:
		text += " by " + d.By
	}
	if d.At != nil {
		text += " on " + moment(*d.At)
	}
	if text += "."; d.Comment != "" {
		text += " They said: " + visible(d.Comment)
	}
	return text
}

// past is what has become of something that was decided about.
func past(decision string) string {
	switch decision {
	case "changes":
		return "sent back for changes"
	case "retry":
		return "told to try again"
	case "done":
		return "told to go on"
	case "fail":
		return "told to fail"
	}
	return decision
}

// unless is what happens without a decision.
func unless(decision string) string {
	if decision == "fail" {
		return "the step fails"
	}
	return "it is " + past(decision)
}

// button is what the button of a decision says.
func button(decision string) string {
	switch decision {
	case "approved":
		return "Approve"
	case "rejected":
		return "Reject"
	case "retry":
		return "No: make it again"
	case "done":
		return "Yes: go on"
	case "fail":
		return "Let the step fail"
	}
	return decision
}

// taken is what is said to whoever has decided.
func taken(decision string) string {
	switch decision {
	case "approved":
		return "You approved it. The run goes on."
	case "rejected":
		return "You rejected it. The run goes on without it."
	case "changes":
		return "You sent it back. The run does it again, and then asks again."
	}
	return "The run goes on."
}

// moment is a time as people write it.
func moment(t time.Time) string { return t.Format("Mon 2 Jan 2006, 15:04 MST") }

// isShown says whether there is something to show of a value.
func isShown(raw json.RawMessage) bool { return len(raw) > 0 && string(raw) != "null" }

// pretty is a value as people read it: a text as it is, anything else in lines.
func pretty(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return visible(text)
	}
	var lines bytes.Buffer
	if json.Indent(&lines, raw, "", "  ") != nil {
		return visible(string(raw))
	}
	return visible(lines.String())
}

// visible is a text in which nothing hides: a character that is not seen, or that
// turns the order of others around, is written by its number.
func visible(text string) string {
	var b strings.Builder
	for _, r := range text {
		if unicode.IsPrint(r) || r == '\n' || r == '\t' {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, "\\u%04x", r)
		}
	}
	return b.String()
}
