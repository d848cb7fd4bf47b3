package rest

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/internal/op"
	"github.com/ordinaut/ordinaut/internal/telemetry"
)

// content answers with bytes as they are, part by part. Browsers keep them as a
// file and show nothing of them: a tool has written them.
func (f *face) content(w http.ResponseWriter, r *http.Request, c op.Content) {
	tag := `"` + c.Tag() + `"`
	h := w.Header()
	h.Set("ETag", tag)
	if has(r.Header.Values("If-None-Match"), tag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", c.Media())
	h.Set("Content-Length", strconv.FormatInt(c.Bytes(), 10))
	h.Set("Content-Disposition", `attachment; filename="`+c.Name()+`"`)
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		return
	}
	to := patient{w: w, control: http.NewResponseController(w)}
	if err := c.Write(r.Context(), to); err != nil {
		if r.Context().Err() == nil {
			f.Log.ErrorContext(r.Context(), "content was cut short", requestAttrs(r, http.StatusOK, telemetry.Err(err))...)
		}
		panic(http.ErrAbortHandler) // so that nobody takes a part for the whole
	}
}

// has says whether a tag is among those of a header (RFC 9110, section 13.1.2).
func has(headers []string, tag string) bool {
	for sent := range strings.SplitSeq(strings.Join(headers, ","), ",") {
		if sent = strings.TrimPrefix(strings.TrimSpace(sent), "W/"); sent == tag || sent == "*" {
			return true
		}
	}
	return false
}

// patient writes for a reader who has so long for each part.
type patient struct {
	w       io.Writer
	control *http.ResponseController
}

// Write writes a part.
func (p patient) Write(part []byte) (int, error) {
	_ = p.control.SetWriteDeadline(time.Now().Add(limits.BodyWait)) // not every ResponseWriter can
	return p.w.Write(part)
}
