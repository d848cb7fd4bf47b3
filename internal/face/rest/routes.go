package rest

import (
	"cmp"
	"net/http"
	"path"
	"strings"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/auth"
	"github.com/ordinaut/ordinaut/internal/op"
)

// route is one method and path that leads to an operation.
type route struct {
	op     *op.Op
	method string
	path   string
}

// routesOf lists the canonical route of an operation and its aliases.
func routesOf(o *op.Op) []route {
	all := []route{{op: o, method: o.Method, path: o.Path}}
	for _, alias := range o.Aliases {
		method, path, _ := strings.Cut(alias, " ")
		all = append(all, route{op: o, method: method, path: path})
	}
	return all
}

// status is the one of an answer that went well.
func (r route) status() int { return cmp.Or(r.op.Status, http.StatusOK) }

// hasBody says whether the route's fields travel in a body.
func (r route) hasBody() bool { return r.method != "GET" && r.method != "DELETE" }

// fields are the names in braces in the path.
func (r route) fields() []string {
	var names []string
	for part := range strings.SplitSeq(r.path, "/") {
		if strings.HasPrefix(part, "{") {
			names = append(names, strings.Trim(part, "{}"))
		}
	}
	return names
}

// routes fills the mux. What no route takes falls through to unrouted.
func (f *face) routes() {
	f.health()
	f.handle("GET", "/openapi.json", f.known(f.serveOpenAPI("application/json", func(d documents) []byte { return d.json })))
	f.handle("GET", "/openapi.yaml", f.known(f.serveOpenAPI("application/yaml", func(d documents) []byte { return d.yaml })))
	f.mux.Handle("GET /{$}", f.known(f.card))
	for _, o := range f.Ops.All() {
		for _, r := range routesOf(o) {
			f.handle(r.method, r.path, f.known(f.operation(r)))
		}
	}
	f.guestRoutes()
	f.hookRoutes()
	f.mux.Handle("/", f.known(f.unrouted))
}

// health serves how the process does.
func (f *face) health() {
	for _, h := range f.healthRoutes() {
		f.handle("GET", h.path, h.serve)
	}
	if f.Metrics != nil {
		f.handle("GET", "/metrics", f.metrics())
		f.handle("GET", "/ext/observability/metrics", f.metrics())
	}
}

// healthOnly fills the mux of a process that answers no requests.
func (f *face) healthOnly() {
	f.health()
	f.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { f.fail(w, r, notHere()) })
}

// notHere is the answer to every request of a process that only tells how it does.
func notHere() error {
	return &ordinaut.Error{
		Code:    ordinaut.CodeRouteNotFound,
		Message: "this process answers no requests; it only tells how it does",
		Fix:     "ask a process with the role api; here are /readyz, /healthz, /livez and /metrics",
	}
}

// handle serves a path with and without a slash at its end.
func (f *face) handle(method, path string, next http.HandlerFunc) {
	h := func(w http.ResponseWriter, r *http.Request) {
		exchangeOf(r).route = path
		next(w, r)
	}
	f.mux.HandleFunc(method+" "+path, h)
	f.mux.HandleFunc(method+" "+path+"/{$}", h)
}

// known lets a request through whose bearer token belongs to an agent, who is
// then the caller.
func (f *face) known(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		token := auth.Token(r.Header.Get("Authorization"))
		if token == "" {
			f.fail(w, r, &ordinaut.Error{
				Code:    ordinaut.CodeAuthMissing,
				Message: "this needs a bearer token, and none was sent",
				Fix:     "send the header Authorization: Bearer <token>; on this computer the token is in " + auth.KeyFile + " in the data folder",
			})
			return
		}
		agent, err := f.Authenticate(token)
		if err != nil {
			f.fail(w, r, err)
			return
		}
		noteAgent(r, agent)
		next(w, r.WithContext(ordinaut.WithAgent(r.Context(), agent)))
	}
}

// operation serves a route: it assembles the request, has it carried out and
// answers.
func (f *face) operation(rt route) http.HandlerFunc {
	fields := rt.fields()
	return func(w http.ResponseWriter, r *http.Request) {
		noteOperation(r, rt.op)
		sent, err := f.assemble(w, r, rt.op, fields)
		if err != nil {
			f.fail(w, r, err)
			return
		}
		result, err := f.Ops.Call(r.Context(), rt.op, sent)
		if err != nil {
			f.fail(w, r, err)
			return
		}
		f.answer(w, r, rt.status(), result)
	}
}

// unrouted answers for everything else: 405 when the path exists for other
// methods, otherwise 404.
func (f *face) unrouted(w http.ResponseWriter, r *http.Request) {
	if allowed := f.allowed(r); len(allowed) > 0 && canonical(r.URL.EscapedPath()) {
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		f.fail(w, r, &ordinaut.Error{
			Code:     ordinaut.CodeMethodNotAllowed,
			Message:  r.Method + " is not a method of this path",
			Fix:      "use " + strings.Join(allowed, " or "),
			Examples: allowed,
		})
		return
	}
	e := &ordinaut.Error{
		Code:    ordinaut.CodeRouteNotFound,
		Message: "there is nothing at this path",
		Fix:     "see /openapi.json for every path",
	}
	if near := f.nearestPath(r.URL.Path); near != "" {
		e.Fix, e.Examples = "did you mean "+near+"? See /openapi.json for every path", []string{near}
	}
	f.fail(w, r, e)
}

// allowed lists the methods that a path has.
func (f *face) allowed(r *http.Request) []string {
	var methods []string
	for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"} {
		probe := *r
		probe.Method = method
		if _, pattern := f.mux.Handler(&probe); pattern != "/" {
			methods = append(methods, method)
		}
	}
	return methods
}

// nearestPath is the path that was most likely meant.
func (f *face) nearestPath(path string) string {
	var paths []string
	for _, o := range f.Ops.All() {
		for _, r := range routesOf(o) {
			paths = append(paths, r.path)
		}
	}
	return ordinaut.Nearest(path, paths)
}

// canonical says whether the mux would take the path as it is. It redirects any
// other, and clients drop the token when they follow.
func canonical(p string) bool {
	clean := path.Clean(p)
	return p == clean || p == clean+"/"
}

// card answers at the root with what this is and where to read on.
func (f *face) card(w http.ResponseWriter, r *http.Request) {
	f.answer(w, r, http.StatusOK, struct {
		Service string `json:"service"`
		Version string `json:"version"`
		Status  string `json:"status"`
		API     string `json:"api"`
		Docs    string `json:"docs"`
		Health  string `json:"health"`
	}{"ordinaut", f.Version, "running", "/v1", "/openapi.json", "/readyz"})
}
