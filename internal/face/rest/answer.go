package rest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/internal/op"
)

// statusCoder is a result that knows the status of its answer, which is 200 or
// that of its operation.
type statusCoder interface{ StatusCode() int }

// answer writes the result of an operation. A result that knows its own status,
// address or version says so by a method.
func (f *face) answer(w http.ResponseWriter, r *http.Request, status int, result any) {
	switch result := result.(type) {
	case op.Events:
		f.stream(w, r, result)
		return
	case op.Content:
		f.content(w, r, result)
		return
	}
	if s, ok := result.(statusCoder); ok {
		status = s.StatusCode()
	}
	if l, ok := result.(interface{ Location() string }); ok && l.Location() != "" {
		w.Header().Set("Location", l.Location())
	}
	if t, ok := result.(interface{ ETag() string }); ok && t.ETag() != "" {
		w.Header().Set("ETag", t.ETag())
	}
	if status == http.StatusNoContent {
		w.WriteHeader(status)
		return
	}
	body, err := encode(result)
	if err != nil {
		f.fail(w, r, fmt.Errorf("write the answer of %s: %w", r.URL.Path, err))
		return
	}
	write(w, status, "application/json", body)
}

// encode writes JSON as it is read by people: without escapes for HTML, and with
// a line's end.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return b.Bytes(), err
}

// write sends the answer. A client that does not take it in time is cut off.
func write(w http.ResponseWriter, status int, media string, body []byte) {
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(limits.BodyWait)) // not every ResponseWriter can
	w.Header().Set("Content-Type", media)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // nobody is left to tell that the client has gone
}

// legacy says whether a path is one of the original's, which had no version.
func legacy(path string) bool { return path != "/v1" && !strings.HasPrefix(path, "/v1/") }

// challenge is the WWW-Authenticate header that goes with an error (RFC 6750).
func challenge(c ordinaut.Code) string {
	const realm = `Bearer realm="ordinaut"`
	switch c {
	case ordinaut.CodeAuthInvalid:
		return realm + `, error="invalid_token"`
	case ordinaut.CodeAuthScope:
		return realm + `, error="insufficient_scope"`
	}
	return realm
}
