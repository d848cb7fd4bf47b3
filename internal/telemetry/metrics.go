package telemetry

import (
	"context"
	"runtime"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/ordinaut/ordinaut"
)

// Metrics counts what Ordinaut does, for Prometheus. Its labels have few values
// whatever users do: a task, a tool or an agent is never one. A nil *Metrics
// counts nothing, so that rooms need not ask whether anybody wants to know.
type Metrics struct {
	registry *prometheus.Registry

	runs      *prometheus.CounterVec
	retries   prometheus.Counter
	crashes   prometheus.Counter
	waits     *prometheus.CounterVec
	lateness  prometheus.Histogram
	durations prometheus.Histogram
	steps     *prometheus.HistogramVec
	requests  *prometheus.CounterVec
	answers   *prometheus.HistogramVec
	redis     redisMetrics
}

// NewMetrics makes metrics that begin at zero, in a registry of their own, with
// those of the Go runtime and of the process. The backlog is read whenever they
// are; nil leaves it out.
func NewMetrics(version string, backlog func(context.Context) (ordinaut.Backlog, error)) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		redis:    newRedisMetrics(),
		runs: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "ordinaut_runs_total", Help: "Runs that ended in a worker, by outcome: succeeded, failed or canceled.",
		}, []string{"outcome"}),
		retries: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "ordinaut_run_retries_total", Help: "Failures after which a run is tried again.",
		}),
		crashes: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "ordinaut_run_crashes_total", Help: "Runs that go on after they were cut off in the middle of a call.",
		}),
		waits: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "ordinaut_waits_total", Help: "Steps that wait, by what for (approval, doubt, sleep or run), and by whether that has begun or ended.",
		}, []string{"kind", "event"}),
		lateness: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "ordinaut_run_lateness_seconds", Help: "From the time for which a run was scheduled to its first start.",
			Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300, 3600},
		}),
		durations: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "ordinaut_run_duration_seconds", Help: "From the first start of a run to its end, with all waits in between.",
			Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600},
		}),
		steps: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "ordinaut_step_duration_seconds", Help: "Calls of tools by steps, by how they ended: succeeded or failed.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300, 3600},
		}, []string{"status"}),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "ordinaut_http_requests_total", Help: "Requests, by the pattern of their path, method and status of the answer.",
		}, []string{"route", "method", "status"}),
		answers: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "ordinaut_http_request_duration_seconds", Help: "From a request to the end of its answer, by the pattern of its path.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 60},
		}, []string{"route"}),
	}
	built := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "ordinaut_build_info", Help: "Always 1; its labels say what is running.",
		ConstLabels: prometheus.Labels{"version": version, "go": runtime.Version()},
	}, func() float64 { return 1 })
	for _, s := range []ordinaut.RunStatus{ordinaut.RunSucceeded, ordinaut.RunFailed, ordinaut.RunCanceled} {
		m.runs.WithLabelValues(string(s)) // so that the first one is seen as a change
	}
	m.registry.MustRegister(m.runs, m.retries, m.crashes, m.waits, m.lateness, m.durations, m.steps, m.requests, m.answers, built,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.redis.register(m.registry)
	if backlog != nil {
		m.registry.MustRegister(newQueueCollector(backlog))
	}
	return m
}

// Gatherer is where the metrics are read.
func (m *Metrics) Gatherer() prometheus.Gatherer { return m.registry }

// RunClaimed counts how late a run starts that a worker has just claimed, and
// whether it was cut off before. Only its first start can be late.
func (m *Metrics) RunClaimed(c ordinaut.Claimed) {
	switch r := c.Run; {
	case m == nil:
	case r.Crashes > 0:
		m.crashes.Inc()
	case r.ClaimedAt != nil && r.StartedAt != nil && r.ClaimedAt.Equal(*r.StartedAt):
		m.lateness.Observe(r.StartedAt.Sub(r.ScheduledFor).Seconds())
	}
}

// RunSettled counts what became of a run that a worker gave back at a time.
func (m *Metrics) RunSettled(r ordinaut.Run, o ordinaut.Outcome, at time.Time) {
	switch {
	case m == nil:
	case o.Status.Final():
		m.runs.WithLabelValues(string(o.Status)).Inc()
		if r.StartedAt != nil {
			m.durations.Observe(at.Sub(*r.StartedAt).Seconds())
		}
	case o.Failed && o.Ending == nil:
		m.retries.Inc()
	}
}

// StepWaited counts that a step waits, or has waited.
func (m *Metrics) StepWaited(s ordinaut.StepResult) {
	switch {
	case m == nil || s.Wait == nil:
	case s.Status == ordinaut.StepWaiting:
		m.waits.WithLabelValues(string(s.Wait.Kind), "begun").Inc()
	case s.FinishedAt != nil && s.FinishedAt.After(s.StartedAt):
		m.waits.WithLabelValues(string(s.Wait.Kind), "ended").Inc()
	}
}

// StepEnded counts the call of a tool.
func (m *Metrics) StepEnded(s ordinaut.StepStatus, took time.Duration) {
	if m != nil {
		m.steps.WithLabelValues(string(s)).Observe(took.Seconds())
	}
}

// Answered counts a request over HTTP. The route is the pattern that its path
// met; "" is none, and then the method can be anything and is not told.
func (m *Metrics) Answered(route, method string, status int, took time.Duration) {
	if m == nil {
		return
	}
	if route == "" {
		route, method = "other", "other"
	}
	m.requests.WithLabelValues(route, method, strconv.Itoa(status)).Inc()
	m.answers.WithLabelValues(route).Observe(took.Seconds())
}
