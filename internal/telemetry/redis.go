package telemetry

import "github.com/prometheus/client_golang/prometheus"

// redisMetrics count what goes between the log of events and Redis.
type redisMetrics struct {
	lag   *prometheus.GaugeVec
	taken *prometheus.CounterVec
}

func newRedisMetrics() redisMetrics {
	return redisMetrics{
		lag: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "ordinaut_redis_lag_events", Help: "Positions of the log that were not yet added to a Redis stream, as the process that adds to it last saw it.",
		}, []string{"stream"}),
		taken: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "ordinaut_redis_taken_total", Help: "Entries that came in by Redis: new, known or refused.",
		}, []string{"outcome"}),
	}
}

func (r redisMetrics) register(to *prometheus.Registry) { to.MustRegister(r.lag, r.taken) }

// RedisLag tells how much of the log a stream does not have yet. The streams are
// those that the operator has named.
func (m *Metrics) RedisLag(stream string, events int64) {
	if m != nil {
		m.redis.lag.WithLabelValues(stream).Set(float64(events))
	}
}

// RedisTaken counts entries that came in: those that were new, those that had come
// before, and those that can never be events.
func (m *Metrics) RedisTaken(fresh, known, refused int) {
	if m != nil {
		m.redis.taken.WithLabelValues("new").Add(float64(fresh))
		m.redis.taken.WithLabelValues("known").Add(float64(known))
		m.redis.taken.WithLabelValues("refused").Add(float64(refused))
	}
}
