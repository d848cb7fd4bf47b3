package rest

import (
	"context"
	"net/http"
)

// Inlet takes in what another service sends to a hook, over the bytes as they
// came. It decides itself whether they are to be believed.
type Inlet func(ctx context.Context, hook string, header http.Header, body []byte) (answer any, err error)

// hookRoutes fills the mux with the door by which others tell of their events.
// They have no token: what they send is verified by the hook.
func (f *face) hookRoutes() {
	if f.Inlet == nil {
		return
	}
	f.handle("POST", "/v1/hooks/{hook}", func(w http.ResponseWriter, r *http.Request) {
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
