package telemetry

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ordinaut/ordinaut"
)

// queueWait is how long the metrics wait for the backlog: a store that is stuck
// must not hide the others.
const queueWait = 2 * time.Second

// queueCollector tells the backlog, which is read when somebody asks.
type queueCollector struct {
	read  func(context.Context) (ordinaut.Backlog, error)
	depth *prometheus.Desc
	age   *prometheus.Desc
}

func newQueueCollector(read func(context.Context) (ordinaut.Backlog, error)) *queueCollector {
	return &queueCollector{
		read: read,
		depth: prometheus.NewDesc("ordinaut_queue_runs",
			"Runs that have not ended, by state: due, later, parked, waiting or running.", []string{"state"}, nil),
		age: prometheus.NewDesc("ordinaut_queue_oldest_due_seconds",
			"For how long the run that waits longest has been due; 0 when none is.", nil, nil),
	}
}

// Describe implements prometheus.Collector.
func (c *queueCollector) Describe(to chan<- *prometheus.Desc) {
	to <- c.depth
	to <- c.age
}

// Collect implements prometheus.Collector. A backlog that cannot be read is told
// as an error of its metrics, and not as an empty queue.
func (c *queueCollector) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), queueWait)
	defer cancel()
	b, err := c.read(ctx)
	if err != nil {
		to <- prometheus.NewInvalidMetric(c.depth, err)
		return
	}
	tell := func(d *prometheus.Desc, v float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	tell(c.depth, float64(b.Due), "due")
	tell(c.depth, float64(b.Later), "later")
	tell(c.depth, float64(b.Parked), "parked")
	tell(c.depth, float64(b.Waiting), "waiting")
	tell(c.depth, float64(b.Running), "running")
	waited := 0.0
	if b.Oldest != nil {
		waited = b.Now.Sub(*b.Oldest).Seconds()
	}
	tell(c.age, waited)
}
