package service

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/op"
)

// Artifact is a result that is too large for its step, as it is shown.
type Artifact struct {
	ID          ordinaut.ArtifactID `json:"id" doc:"Its id, a UUIDv7."`
	Step        string              `json:"step" doc:"The path of the step whose result it is."`
	Bytes       int64               `json:"bytes" doc:"How large it is."`
	SHA256      string              `json:"sha256" doc:"Of its content, hexadecimal."`
	ContentType string              `json:"content_type" doc:"Its media type."`
	CreatedAt   time.Time           `json:"created_at" doc:"When it was made."`
}

// ArtifactName asks for one artifact.
type ArtifactName struct {
	Artifact string `json:"artifact" doc:"The id of the artifact."`
}

// GetArtifact gives the content of an artifact.
func (s *Service) GetArtifact(ctx context.Context, r ArtifactName) (op.Content, error) {
	a, err := s.store.Artifact(ctx, ordinaut.ArtifactID(r.Artifact))
	if errors.Is(err, ordinaut.ErrNotFound) {
		err = &ordinaut.Error{
			Code: ordinaut.CodeArtifactNotFound, At: "/artifact", Sent: r.Artifact,
			Message: fmt.Sprintf("there is no artifact %q", r.Artifact),
			Fix:     "use an id from the artifacts of a run; they are kept as long as its steps",
		}
	}
	if err != nil {
		return op.Content{}, err
	}
	write := func(ctx context.Context, to io.Writer) error { return s.store.WriteArtifact(ctx, a.ID, to) }
	return op.NewContent(string(a.ID)+".json", a.ContentType, a.SHA256, a.Bytes, write), nil
}

// artifactsOf shows the artifacts of a run.
func (s *Service) artifactsOf(ctx context.Context, id ordinaut.RunID) ([]Artifact, error) {
	kept, err := s.store.ListArtifacts(ctx, id)
	var shown []Artifact
	for _, a := range kept {
		shown = append(shown, Artifact{a.ID, a.Step, a.Bytes, a.SHA256, a.ContentType, a.CreatedAt})
	}
	return shown, err
}
