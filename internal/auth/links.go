package auth

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strings"

	"github.com/ordinaut/ordinaut"
)

// LinkPath is where the pages lie that links lead to.
const LinkPath = "/approvals/"

// LinkAgent is the name of the agent that decides for whoever follows a link.
const LinkAgent = "link"

// Links makes the links by which people decide about a step of a run without a
// key of their own: whoever has the link may. Nothing is kept of a link. It is
// good for nothing when the step does not wait for a decision.
type Links struct {
	base   string
	secret []byte
}

// NewLinks makes links below a URL, signed with a secret that must outlive them.
func NewLinks(base string, secret []byte) Links {
	return Links{base: strings.TrimSuffix(base, "/"), secret: secret}
}

// URL is the link to a step of a run.
func (l Links) URL(run ordinaut.RunID, path string) string {
	return l.base + LinkPath + l.Token(run, path)
}

// Token is the end of the link: the step, and what proves that it was made here.
func (l Links) Token(run ordinaut.RunID, path string) string {
	step := string(run) + ":" + path
	return base64.RawURLEncoding.EncodeToString(append(l.sign(step), step...))
}

// Read is the step that a token of ours is for.
func (l Links) Read(token string) (run ordinaut.RunID, path string, ours bool) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(raw) < sha256.Size || len(l.secret) == 0 {
		return "", "", false
	}
	signature, step := raw[:sha256.Size], string(raw[sha256.Size:])
	if !hmac.Equal(signature, l.sign(step)) {
		return "", "", false
	}
	id, path, ours := strings.Cut(step, ":")
	return ordinaut.RunID(id), path, ours
}

// sign proves that a step was named by who has the secret, for a link and for
// nothing else that it may ever sign.
func (l Links) sign(step string) []byte {
	mac := hmac.New(sha256.New, l.secret)
	_, _ = mac.Write([]byte("approval link\n" + step)) // a hash takes everything
	return mac.Sum(nil)
}
