package toolfile

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
)

// A server or tool whose references are resolved holds secrets, in its variables
// and headers as much as in its arguments and URL. So printing one shows its
// name and kind, and nothing that a reference may have been in.

// String is the server by its name and kind.
func (s Server) String() string { return fmt.Sprintf("server %s (%s)", s.Name, s.Kind) }

// GoString is the same for %#v.
func (s Server) GoString() string { return s.String() }

// LogValue is the same for logs.
func (s Server) LogValue() slog.Value { return slog.StringValue(s.String()) }

// String is the tool by its address and method.
func (t HTTPTool) String() string { return fmt.Sprintf("tool %s (%s)", t.Address, t.Method) }

// GoString is the same for %#v.
func (t HTTPTool) GoString() string { return t.String() }

// LogValue is the same for logs.
func (t HTTPTool) LogValue() slog.Value { return slog.StringValue(t.String()) }

// Fingerprint is a hash of what the server is, as the file says it: its kind,
// command, arguments and URL. Variables and headers are no part of it, as a new
// token makes no other server, nor is what references stand for.
func (s Server) Fingerprint() string {
	if s.fingerprint != "" {
		return s.fingerprint
	}
	text, _ := json.Marshal([]any{s.Kind, s.Command, s.Args, s.URL}) // strings always marshal
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
