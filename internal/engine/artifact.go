package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// keepLarge keeps an output that is too large for a step as an artifact, and
// gives the reference that stands for it. Any other output stays as it is.
func (x executor) keepLarge(ctx context.Context, e *execution, step string, output json.RawMessage) (json.RawMessage, ordinaut.ArtifactID, error) {
	if len(output) <= limits.StepOutputBytes {
		return output, "", nil
	}
	sum := sha256.Sum256(output)
	a := ordinaut.Artifact{
		RunID: e.claimed.Run.ID, Step: step, Bytes: int64(len(output)),
		SHA256: hex.EncodeToString(sum[:]), ContentType: "application/json", CreatedAt: time.Now(),
	}
	save := func(ctx context.Context) error {
		a.ID = ordinaut.ArtifactID(uuid.Must(uuid.NewV7()).String()) // of an attempt that failed there may be parts
		return x.store.SaveArtifact(ctx, e.claimed.Lease, a, output)
	}
	if err := x.insist(ctx, save); err != nil {
		return nil, "", err
	}
	reference, err := a.Reference(preview(output))
	return reference, a.ID, err
}

// preview is the beginning of an output.
func preview(output json.RawMessage) string {
	end := min(len(output), limits.ArtifactPreview)
	for end > 0 && end < len(output) && !utf8.RuneStart(output[end]) {
		end--
	}
	return string(output[:end])
}
