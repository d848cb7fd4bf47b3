package rest

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

// Inlet takes in what another service sends to a hook, over the bytes as they
// came. It decides itself whether they are to be believed.
type Inlet func(ctx context.Context, hook string, header http.Header, body []byte) (answer any, err error)

// hookPath is where others send to.
const hookPath = "/v1/hooks/{hook}"

// hookRoutes fills the mux with the door by which others tell of their events.
// They have no token: what they send is verified by the hook.
func (f *face) hookRoutes() {
	if f.Inlet == nil {
		return
	}
	f.handle("POST", hookPath, func(w http.ResponseWriter, r *http.Request) {
		body, err := readAll(w, r)
		if err != nil {
			f.fail(w, r, err)
			return
		}
		answer, err := f.Inlet(r.Context(), r.PathValue("hook"), r.Header, body)
		if err != nil {
			f.fail(w, r, err)
			return
		}
		f.answer(w, r, http.StatusAccepted, answer)
	})
}

// hookOperation describes the door: what is sent is for its sender to say.
func hookOperation() *huma.Operation {
	anything := &huma.MediaType{Schema: &huma.Schema{}}
	return &huma.Operation{
		OperationID: "hook.receive",
		Method:      "POST",
		Path:        hookPath,
		Tags:        []string{"hook"},
		Summary:     "Take in what another service tells",
		Description: "It is verified as the hook says, over the bytes as they came, and becomes an event. No bearer token is needed.",
		Security:    []map[string][]string{},
		Parameters:  []*huma.Param{{Name: "hook", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString}, Description: "The name of the hook."}},
		RequestBody: &huma.RequestBody{Content: map[string]*huma.MediaType{
			"application/json": anything, "application/x-www-form-urlencoded": anything,
		}},
		Responses: map[string]*huma.Response{
			"200":     {Description: "What Slack asked to hear."},
			"202":     {Description: "It is an event, or was one before."},
			"default": {Ref: problemPrefix + problemName},
		},
	}
}
