package ordinaut

import (
	"context"
	"encoding/json"
	"io"
	"time"
)

// ArtifactID names an artifact; a UUIDv7.
type ArtifactID string

// Artifact is the result of a step that is too large to be kept with it. The
// step's output is a reference to it.
type Artifact struct {
	ID          ArtifactID
	RunID       RunID
	Step        string // the path of the step
	Bytes       int64
	SHA256      string // of the content, hexadecimal
	ContentType string
	CreatedAt   time.Time
}

// Reference is the output of the step: the artifact's name, and the beginning of
// its content.
func (a Artifact) Reference(preview string) (json.RawMessage, error) {
	type about struct {
		ID          ArtifactID `json:"id"`
		Bytes       int64      `json:"bytes"`
		SHA256      string     `json:"sha256"`
		ContentType string     `json:"content_type"`
		Preview     string     `json:"preview"`
	}
	return json.Marshal(map[string]about{"artifact": {a.ID, a.Bytes, a.SHA256, a.ContentType, preview}})
}

// Artifacts keeps large results.
type Artifacts interface {
	// SaveArtifact keeps content on behalf of a lease; ErrLeaseLost after the lease
	// is lost. It is there once the step that refers to it is saved; without one it
	// is pruned.
	SaveArtifact(ctx context.Context, l Lease, a Artifact, content []byte) error
	// Artifact finds an artifact; ErrNotFound when there is none.
	Artifact(ctx context.Context, id ArtifactID) (Artifact, error)
	// WriteArtifact writes the content of an artifact, and holds no more than a part
	// of it at a time.
	WriteArtifact(ctx context.Context, id ArtifactID, to io.Writer) error
	// ListArtifacts lists the artifacts of a run, oldest first.
	ListArtifacts(ctx context.Context, id RunID) ([]Artifact, error)
}
