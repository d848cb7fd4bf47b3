package postgres

import (
	"bytes"
	"compress/flate"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// SaveArtifact keeps a large result. Each part is a write of its own, so that no
// transaction is long.
func (s *Store) SaveArtifact(ctx context.Context, l ordinaut.Lease, a ordinaut.Artifact, content []byte) error {
	if err := s.saveArtifact(ctx, l, a, content); err != nil {
		return fmt.Errorf("save artifact %s: %w", a.ID, err)
	}
	return nil
}

func (s *Store) saveArtifact(ctx context.Context, l ordinaut.Lease, a ordinaut.Artifact, content []byte) error {
	err := s.write(ctx, func(t *tx) error {
		if err := t.mustHold(l); err != nil {
			return err
		}
		_, err := t.exec("InsertArtifact", string(a.ID), string(l.RunID), a.Step, len(content), a.SHA256, plain(a.ContentType), t.now)
		return err
	})
	for n := 0; err == nil && len(content) > 0; n++ {
		part := content[:min(len(content), limits.ArtifactChunk)]
		content = content[len(part):]
		var packed []byte
		if packed, err = pack(part); err != nil {
			return err
		}
		err = s.write(ctx, func(t *tx) error {
			_, err := t.exec("InsertArtifactPart", string(a.ID), n, packed)
			return err
		})
	}
	return err
}

// mustHold is ErrLeaseLost unless the lease stands. The run stays as it is until
// the transaction ends.
func (t *tx) mustHold(l ordinaut.Lease) error {
	_, err := seen(t, "HoldsLease", scanHeld, t.proof(l)...)
	if errors.Is(err, ordinaut.ErrNotFound) {
		return ordinaut.ErrLeaseLost
	}
	return err
}

// keepArtifact makes the artifact of a step stay, if it has one.
func (t *tx) keepArtifact(of ordinaut.RunID, step ordinaut.StepResult) error {
	if step.Artifact == "" {
		return nil
	}
	_, err := t.exec("KeepArtifact", id(step.Artifact), id(of))
	return err
}

// pack compresses a part. What tools answer is mostly text, so the fastest level
// makes it four to ten times smaller.
func pack(part []byte) ([]byte, error) {
	var packed bytes.Buffer
	w, err := flate.NewWriter(&packed, flate.BestSpeed)
	if err == nil {
		_, err = w.Write(part)
	}
	if err == nil {
		err = w.Close()
	}
	return packed.Bytes(), err
}

// Artifact finds an artifact.
func (s *Store) Artifact(ctx context.Context, of ordinaut.ArtifactID) (ordinaut.Artifact, error) {
	return first(ctx, s, "Artifact", scanArtifact, id(of))
}

// ListArtifacts lists the artifacts of a run, oldest first.
func (s *Store) ListArtifacts(ctx context.Context, of ordinaut.RunID) ([]ordinaut.Artifact, error) {
	return all(ctx, s, "ListArtifacts", scanArtifact, id(of))
}

func scanArtifact(r row, a *ordinaut.Artifact) error {
	return r.Scan(&a.ID, &a.RunID, &a.Step, &a.Bytes, &a.SHA256, &a.ContentType, &a.CreatedAt)
}

// WriteArtifact writes the content, part by part.
func (s *Store) WriteArtifact(ctx context.Context, of ordinaut.ArtifactID, to io.Writer) error {
	a, err := s.Artifact(ctx, of)
	left := a.Bytes
	for n := 0; err == nil && left > 0; n++ {
		var written int64
		written, err = s.writePart(ctx, of, n, to)
		left -= written
	}
	if err != nil {
		return fmt.Errorf("write artifact %s: %w", of, err)
	}
	return nil
}

func (s *Store) writePart(ctx context.Context, of ordinaut.ArtifactID, n int, to io.Writer) (int64, error) {
	packed, err := first(ctx, s, "ArtifactPart", scanBytes, id(of), n)
	if err != nil {
		return 0, err
	}
	return io.Copy(to, flate.NewReader(bytes.NewReader(packed)))
}

func scanBytes(r row, data *[]byte) error { return r.Scan(data) }
