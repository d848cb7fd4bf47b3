package rest

import (
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/internal/telemetry"
)

// metrics tells Prometheus what was counted. Like health it needs no token and
// tells nothing secret, and a part that cannot be read does not hide the others.
func (f *face) metrics() http.HandlerFunc {
	h := promhttp.HandlerFor(f.Metrics.Gatherer(), promhttp.HandlerOpts{
		ErrorHandling: promhttp.ContinueOnError,
		ErrorLog:      complaints{f.Log},
	})
	return func(w http.ResponseWriter, r *http.Request) {
		exchangeOf(r).quiet = true
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(limits.BodyWait)) // not every ResponseWriter can
		h.ServeHTTP(w, r)
	}
}

// complaints writes what is wrong with the metrics to the log.
type complaints struct{ log *slog.Logger }

// Println implements promhttp.Logger.
func (c complaints) Println(v ...any) {
	c.log.Warn("a metric could not be read", telemetry.KeyError, strings.TrimSpace(fmt.Sprintln(v...)))
}
