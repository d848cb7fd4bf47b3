package rest

import (
	"context"
	"net/http"
	"time"

	"github.com/ordinaut/ordinaut"
)

// readyWait is how long a health check may take: an orchestrator that asks every
// few seconds must not be kept waiting by a stuck disk.
const readyWait = 2 * time.Second

// Extra is something that the server can do without.
type Extra struct {
	Name    string
	Without string // how it goes on without it
	Check   func(context.Context) error
}

// healthRoute is an endpoint that needs no token and tells nothing secret.
type healthRoute struct {
	path    string
	summary string
	serve   http.HandlerFunc
}

func (f *face) healthRoutes() []healthRoute {
	routes := []healthRoute{
		{"/livez", "Say whether the process is alive", f.live},
		{"/readyz", "Say whether requests can be served", f.ready},
		{"/healthz", "Say whether requests can be served, with every check when ?verbose is sent", f.healthz},
		{"/health", "Report every check; always 200", f.report},
		{"/health/ready", "Say whether requests can be served", f.ready},
		{"/health/live", "Say whether the process is alive", f.live},
	}
	for i, h := range routes {
		routes[i].serve = func(w http.ResponseWriter, r *http.Request) {
			exchangeOf(r).quiet = true
			h.serve(w, r)
		}
	}
	return routes
}

// health is the report of every check, in the shape that the original project
// gave it.
type health struct {
	Status    string        `json:"status"`
	Timestamp string        `json:"timestamp"`
	RequestID string        `json:"request_id"`
	Summary   healthSummary `json:"summary"`
	Checks    []healthCheck `json:"checks"`
}

type healthSummary struct {
	OverallStatus   string  `json:"overall_status"`
	TotalChecks     int     `json:"total_checks"`
	HealthyChecks   int     `json:"healthy_checks"`
	DegradedChecks  int     `json:"degraded_checks"`
	UnhealthyChecks int     `json:"unhealthy_checks"`
	TotalDurationMS float64 `json:"total_duration_ms"`
	UptimeSeconds   float64 `json:"uptime_seconds"`
}

type healthCheck struct {
	Name       string  `json:"name"`
	Status     string  `json:"status"`
	Message    string  `json:"message"`
	DurationMS float64 `json:"duration_ms"`
	Timestamp  string  `json:"timestamp"`
	Error      string  `json:"error,omitempty"`
}

const (
	healthy   = "healthy"
	degraded  = "degraded"
	unhealthy = "unhealthy"
)

func (f *face) live(w http.ResponseWriter, r *http.Request) {
	f.answer(w, r, http.StatusOK, struct {
		Status    string  `json:"status"`
		Timestamp string  `json:"timestamp"`
		Uptime    float64 `json:"uptime_seconds"`
	}{"alive", timestamp(), f.uptime()})
}

// ready answers whether this process should be sent requests, and how what it
// stands on does.
func (f *face) ready(w http.ResponseWriter, r *http.Request) {
	if err := f.checkReady(r.Context()); err != nil {
		writeProblem(w, newProblem(r, err), err.RetryAfter)
		return
	}
	components := map[string]string{"database": healthy}
	for _, c := range f.extras(r.Context()) {
		components[c.Name] = c.Status
	}
	f.answer(w, r, http.StatusOK, struct {
		Status     string            `json:"status"`
		API        bool              `json:"api"`
		Database   bool              `json:"database"`
		Components map[string]string `json:"components"`
	}{"ready", f.Ops != nil, true, components})
}

func (f *face) healthz(w http.ResponseWriter, r *http.Request) {
	h := f.examine(r)
	switch {
	case h.Status == unhealthy && !r.URL.Query().Has("verbose"):
		f.ready(w, r)
	case h.Status == unhealthy:
		f.answer(w, r, http.StatusServiceUnavailable, h)
	case r.URL.Query().Has("verbose"):
		f.answer(w, r, http.StatusOK, h)
	default:
		f.answer(w, r, http.StatusOK, struct {
			Status string `json:"status"`
		}{h.Status})
	}
}

func (f *face) report(w http.ResponseWriter, r *http.Request) {
	f.answer(w, r, http.StatusOK, f.examine(r))
}

// examine makes every check.
func (f *face) examine(r *http.Request) health {
	start := time.Now()
	api := healthCheck{Name: "api", Status: healthy, Message: "the API answers", Timestamp: timestamp()}
	store := healthCheck{Name: "database", Status: healthy, Message: "the store can work", Timestamp: timestamp()}
	h := health{Status: healthy, Timestamp: timestamp(), RequestID: requestID(r)}
	if err := f.checkReady(r.Context()); err != nil {
		h.Status, store.Status, store.Message, store.Error = unhealthy, unhealthy, err.Message, string(err.Code)
	}
	store.DurationMS = milliseconds(time.Since(start))
	h.Checks = append([]healthCheck{api, store}, f.extras(r.Context())...)
	h.Summary = summarize(h.Checks)
	if h.Status == healthy {
		h.Status = h.Summary.OverallStatus
	}
	h.Summary.TotalDurationMS = milliseconds(time.Since(start))
	h.Summary.UptimeSeconds = f.uptime()
	return h
}

// extras are the checks of what the server can do without.
func (f *face) extras(ctx context.Context) (checks []healthCheck) {
	ctx, cancel := context.WithTimeout(ctx, readyWait)
	defer cancel()
	for _, extra := range f.Extras {
		start := time.Now()
		c := healthCheck{Name: extra.Name, Status: healthy, Message: extra.Name + " answers", Timestamp: timestamp()}
		if err := extra.Check(ctx); err != nil {
			c.Status, c.Message = degraded, extra.Name+" does not answer; "+extra.Without
		}
		c.DurationMS = milliseconds(time.Since(start))
		checks = append(checks, c)
	}
	return checks
}

// summarize counts what was found; the worst of it is the state of all.
func summarize(checks []healthCheck) healthSummary {
	s := healthSummary{OverallStatus: healthy, TotalChecks: len(checks)}
	for _, c := range checks {
		switch c.Status {
		case unhealthy:
			s.UnhealthyChecks++
		case degraded:
			s.DegradedChecks++
		default:
			s.HealthyChecks++
		}
	}
	switch {
	case s.UnhealthyChecks > 0:
		s.OverallStatus = unhealthy
	case s.DegradedChecks > 0:
		s.OverallStatus = degraded
	}
	return s
}

// checkReady asks whether the store can work, unless the server is stopping. What
// is wrong inside the store is not told to callers who have shown no token, but
// that its schema is another.
func (f *face) checkReady(ctx context.Context) *ordinaut.Error {
	if f.Draining != nil && f.Draining() {
		return &ordinaut.Error{
			Code:       ordinaut.CodeUnavailable,
			Message:    "the server is stopping, and takes nothing new",
			Fix:        "ask another one, or ask again in a moment",
			RetryAfter: time.Second,
		}
	}
	ctx, cancel := context.WithTimeout(ctx, readyWait)
	defer cancel()
	err := f.Ready(ctx)
	if err == nil {
		return nil
	}
	hidden := &ordinaut.Error{
		Code:       ordinaut.CodeUnavailable,
		Message:    "the store cannot work just now",
		Fix:        "look at the server's log; ask again in a moment",
		RetryAfter: time.Second,
		Err:        err,
	}
	if e := ordinaut.AsError(err); e.Code == ordinaut.CodeStorageOlder || e.Code == ordinaut.CodeStorageNewer {
		hidden.Message, hidden.Fix = e.Message, e.Fix
	}
	return hidden
}

func (f *face) uptime() float64 { return time.Since(f.started).Seconds() }

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
