package rest

import (
	"context"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/auth"
	"github.com/ordinaut/ordinaut/internal/op"
	"github.com/ordinaut/ordinaut/internal/telemetry"
)

// exchange is what is known of one request while it is served. The handlers fill
// in who asked and for what.
type exchange struct {
	id        string
	agent     ordinaut.AgentID
	operation string
	route     string // the pattern of its path; "" when nothing has it
	quiet     bool   // health: polled every few seconds, and never logged
	lasting   bool   // a stream: it takes as long as somebody reads it
}

type exchangeKey struct{}

func exchangeOf(r *http.Request) *exchange {
	if x, ok := r.Context().Value(exchangeKey{}).(*exchange); ok {
		return x
	}
	return &exchange{}
}

func requestID(r *http.Request) string            { return exchangeOf(r).id }
func noteAgent(r *http.Request, a ordinaut.Agent) { exchangeOf(r).agent = a.ID }
func noteOperation(r *http.Request, o *op.Op)     { exchangeOf(r).operation = o.Name }

// observed gives every request its id and its headers, logs it at level debug,
// and turns a panic into a problem.
func (f *face) observed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x := &exchange{id: chooseID(r.Header.Get("X-Request-ID"))}
		r = r.WithContext(context.WithValue(r.Context(), exchangeKey{}, x))
		h := w.Header()
		h.Set("X-Request-ID", x.id)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-store")
		seen := &recorder{ResponseWriter: w}
		start := time.Now()
		defer func() {
			if cause := recover(); cause != nil {
				f.panicked(seen, r, cause)
			}
			took := time.Since(start)
			if !x.lasting {
				f.Metrics.Answered(x.route, r.Method, seen.status, took)
			}
			if !x.quiet {
				f.Log.DebugContext(r.Context(), "request", requestAttrs(r, seen.status,
					slog.String(telemetry.KeyRemote, r.RemoteAddr),
					slog.Float64(telemetry.KeyTookMS, milliseconds(took)))...)
			}
		}()
		next.ServeHTTP(seen, r)
	})
}

// panicked answers for a handler that panicked, if it has not begun to answer
// itself. The stack goes to the log only.
func (f *face) panicked(w *recorder, r *http.Request, cause any) {
	if cause == http.ErrAbortHandler {
		panic(cause)
	}
	status := http.StatusInternalServerError
	f.Log.ErrorContext(r.Context(), "request panicked", requestAttrs(r, status,
		slog.Any(telemetry.KeyError, cause), slog.String(telemetry.KeyStack, string(debug.Stack())))...)
	if w.status == 0 {
		writeProblem(w, newProblem(r, ordinaut.AsError(nil)), 0)
	}
}

// logged is a path as it stands in the log, where no link may stand by which
// whoever reads it could decide.
func logged(path string) string {
	if strings.HasPrefix(path, auth.LinkPath) {
		return auth.LinkPath + "…"
	}
	return path
}

// requestAttrs is how a log line names a request.
func requestAttrs(r *http.Request, status int, more ...slog.Attr) []any {
	x := exchangeOf(r)
	attrs := []any{
		slog.String(telemetry.KeyRequestID, x.id),
		slog.String(telemetry.KeyMethod, r.Method),
		slog.String(telemetry.KeyPath, logged(r.URL.Path)),
		slog.Int(telemetry.KeyStatus, status),
	}
	if x.operation != "" {
		attrs = append(attrs, slog.String(telemetry.KeyOperation, x.operation))
	}
	if x.agent != "" {
		attrs = append(attrs, slog.String(telemetry.KeyAgentID, string(x.agent)))
	}
	for _, a := range more {
		attrs = append(attrs, a)
	}
	return attrs
}

// chooseID takes the request id that a client sent, if it is one that can stand
// in a log, or makes one.
func chooseID(sent string) string {
	const allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."
	if sent != "" && len(sent) <= 128 && strings.Trim(sent, allowed) == "" {
		return sent
	}
	return uuid.Must(uuid.NewV7()).String()
}

// recorder remembers the status that was answered.
type recorder struct {
	http.ResponseWriter
	status int
}

// WriteHeader notes the status.
func (w *recorder) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write notes that the answer has begun.
func (w *recorder) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }
