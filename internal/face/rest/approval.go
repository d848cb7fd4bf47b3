package rest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/auth"
	"github.com/ordinaut/ordinaut/internal/telemetry"
)

// Guests lets whoever has a link decide about the step that it is for.
type Guests struct {
	Links auth.Links
	Agent ordinaut.Agent // who asks and decides for them
}

// The operations behind the page.
const (
	showApproval   = "approval.get"
	decideApproval = "approval.decide"
)

// asked is what the page shows of an approval.
type asked struct {
	ID        string
	Kind      string
	State     string
	Task      string
	Title     string
	Step      string
	Message   string
	Data      json.RawMessage
	Then      []plannedCall
	AskedAt   time.Time `json:"asked_at"`
	Deadline  *time.Time
	Default   string
	Decisions []string
	BackTo    []string `json:"back_to"`
	Digest    string
	Decision  *decided
}

type plannedCall struct {
	Step string
	Tool string
	With json.RawMessage
}

type decided struct {
	Decision string
	By       string
	Comment  string
	At       *time.Time
	TimedOut bool `json:"timed_out"`
}

// mostTicked is how many items can be chosen from on the page. More of them are
// approved together.
const mostTicked = 100

// List is the items of which some can be approved.
func (a *asked) List() []json.RawMessage {
	var list []json.RawMessage
	if a.State != open || json.Unmarshal(a.Data, &list) != nil || len(list) > mostTicked {
		return nil
	}
	return list
}

// open is the state of an approval about which can be decided.
const open = "open"

// guestRoutes fills the mux with the pages that links lead to.
func (f *face) guestRoutes() {
	if f.Guests == nil || f.Ops.Find(showApproval) == nil || f.Ops.Find(decideApproval) == nil {
		return
	}
	page := newPage()
	f.handle("GET", auth.LinkPath+"{token}", func(w http.ResponseWriter, r *http.Request) { f.showAsked(w, r, page) })
	f.handle("POST", auth.LinkPath+"{token}", func(w http.ResponseWriter, r *http.Request) { f.takeDecision(w, r, page) })
}

// showAsked shows what is asked. It never decides: programs follow links too.
func (f *face) showAsked(w http.ResponseWriter, r *http.Request, p *page) {
	id, ours := f.linked(r)
	if !ours {
		p.write(w, http.StatusNotFound, view{Heading: "This link does not work", Note: "It is not one that was made here, or not all of it has arrived."})
		return
	}
	a, err := f.askedFor(r, id)
	if err != nil {
		f.sorry(w, r, p, err)
		return
	}
	p.show(w, http.StatusOK, a, view{})
}

// linked is the approval that the request's token is for.
func (f *face) linked(r *http.Request) (id string, ours bool) {
	run, path, ours := f.Guests.Links.Read(r.PathValue("token"))
	return string(run) + ":" + path, ours
}

// askedFor reads an approval.
func (f *face) askedFor(r *http.Request, id string) (*asked, error) {
	result, err := f.asGuest(r, showApproval, map[string]any{"approval": id})
	if err != nil {
		return nil, err
	}
	var a asked
	if err := json.Unmarshal(result, &a); err != nil {
		return nil, fmt.Errorf("read the approval: %w", err)
	}
	return &a, nil
}

// asGuest does an operation for whoever followed a link.
func (f *face) asGuest(r *http.Request, name string, request map[string]any) (json.RawMessage, error) {
	o := f.Ops.Find(name)
	noteOperation(r, o)
	noteAgent(r, f.Guests.Agent)
	sent, err := json.Marshal(request)
	if err != nil {
		return nil, fmt.Errorf("write the request: %w", err)
	}
	result, err := f.Ops.Call(ordinaut.WithAgent(r.Context(), f.Guests.Agent), o, sent)
	if err != nil {
		return nil, err
	}
	return encode(result)
}

// takeDecision decides, and says so.
func (f *face) takeDecision(w http.ResponseWriter, r *http.Request, p *page) {
	id, ours := f.linked(r)
	if !ours {
		f.showAsked(w, r, p)
		return
	}
	form, err := readForm(w, r)
	if err != nil {
		f.sorry(w, r, p, err)
		return
	}
	a, err := f.askedFor(r, id)
	if err != nil {
		f.sorry(w, r, p, err)
		return
	}
	said := view{Comment: form.Get("comment")}
	if a.State != open {
		p.show(w, http.StatusOK, a, said)
		return
	}
	request, err := a.request(form)
	if err == nil {
		_, err = f.asGuest(r, decideApproval, request)
	}
	if err == nil {
		p.write(w, http.StatusOK, view{Heading: "Thank you", Note: taken(form.Get("decision"))})
		return
	}
	f.refuse(w, r, p, id, err, said)
}

// refuse shows what is asked now, and why the decision was not taken.
func (f *face) refuse(w http.ResponseWriter, r *http.Request, p *page, id string, cause error, said view) {
	a, err := f.askedFor(r, id)
	if err != nil {
		f.sorry(w, r, p, err)
		return
	}
	e := ordinaut.AsError(cause)
	if e.Kind() == ordinaut.KindInternal {
		f.sorry(w, r, p, cause)
		return
	}
	said.Fault = "Nothing was decided: " + e.Message + "."
	p.show(w, statusOf(e.Code), a, said)
}

// sorry says that something else stands in the way.
func (f *face) sorry(w http.ResponseWriter, r *http.Request, p *page, err error) {
	e := ordinaut.AsError(err)
	if e.Kind() == ordinaut.KindInternal {
		f.Log.ErrorContext(r.Context(), "page failed", requestAttrs(r, http.StatusInternalServerError, telemetry.Err(e))...)
	}
	v := view{Heading: "This cannot be shown", Note: e.Message + "."}
	if e.Code == ordinaut.CodeApprovalNotFound {
		v = view{Heading: "Nothing is asked here", Note: "The run has not come to this step yet, or it is no longer kept."}
	}
	p.write(w, statusOf(e.Code), v)
}

// request is the decision that a form says.
func (a *asked) request(form url.Values) (map[string]any, error) {
	decision := form.Get("decision")
	request := map[string]any{"approval": a.ID, "decision": decision, "comment": form.Get("comment"), "digest": form.Get("digest")}
	switch {
	case form.Get("digest") == "":
		return nil, &ordinaut.Error{Code: ordinaut.CodeFieldRequired, At: "/digest", Message: "the form was not sent whole", Fix: "follow the link again"}
	case decision == "changes":
		request["to"] = form.Get("to")
	case decision == "approved" && form.Get("items") == "chosen":
		chosen := a.chosen(form["item"])
		if len(chosen) == 0 {
			return nil, &ordinaut.Error{Code: ordinaut.CodeFieldRequired, At: "/items", Message: "nothing is ticked", Fix: "tick what you approve, or reject it"}
		}
		if len(chosen) < len(a.List()) {
			request["items"] = chosen
		}
	}
	return request, nil
}

// chosen is the items whose numbers were ticked, in their order.
func (a *asked) chosen(numbers []string) []json.RawMessage {
	var items []json.RawMessage
	for i, item := range a.List() {
		if slices.Contains(numbers, strconv.Itoa(i)) {
			items = append(items, item)
		}
	}
	return items
}
