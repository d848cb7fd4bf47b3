package storetest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

func artifacts() []promise {
	return []promise{
		{"an artifact comes back as it was given, whatever its size", artifactComesBack},
		{"an artifact is there once a step refers to it", artifactNeedsStep},
		{"an artifact is kept on behalf of a lease", artifactIsFenced},
		{"an artifact is pruned with the steps, and one that nobody came to need before", artifactIsPruned},
	}
}

// large is an artifact of a run's step with its content, half of it random.
func (f *fixture) large(id ordinaut.RunID, path string, size int) (ordinaut.Artifact, []byte) {
	content := []byte(strings.Repeat("a", size))
	source := rand.NewChaCha8([32]byte{byte(size)})
	_, _ = source.Read(content[size/2:]) // which never fails
	sum := sha256.Sum256(content)
	return ordinaut.Artifact{
		ID: ordinaut.ArtifactID(newID()), RunID: id, Step: path, Bytes: int64(size),
		SHA256: hex.EncodeToString(sum[:]), ContentType: "application/json",
	}, content
}

// keeping is a step that refers to an artifact.
func keeping(a ordinaut.Artifact) ordinaut.StepResult {
	s := step(a.Step, ordinaut.StepSucceeded)
	s.Artifact = a.ID
	return s
}

func artifactComesBack(f *fixture) {
	id := f.newRun(f.newTask().ID)
	c := f.hold("w")
	for _, size := range []int{0, 1, limits.ArtifactChunk - 1, limits.ArtifactChunk, limits.ArtifactChunk + 1, 3 * limits.ArtifactChunk} {
		a, content := f.large(id, "s", size)
		f.must(f.store.SaveArtifact(f.ctx, c.Lease, a, content))
		f.must(f.store.SaveStep(f.ctx, c.Lease, keeping(a)))
		got := get(f.store.Artifact(f.ctx, a.ID))(f)
		a.CreatedAt = got.CreatedAt
		same(f, "artifact", got, a)
		if got.CreatedAt.IsZero() || got.CreatedAt.After(f.now()) {
			f.Errorf("got created at %v, want the store's now", got.CreatedAt)
		}
		var back bytes.Buffer
		f.must(f.store.WriteArtifact(f.ctx, a.ID, &back))
		if !bytes.Equal(back.Bytes(), content) {
			f.Errorf("%d bytes: got %d other ones", size, back.Len())
		}
	}
	same(f, "artifacts of the run", len(get(f.store.ListArtifacts(f.ctx, id))(f)), 6)
}

func artifactNeedsStep(f *fixture) {
	id := f.newRun(f.newTask().ID)
	c := f.hold("w")
	a, content := f.large(id, "s", 100)
	f.must(f.store.SaveArtifact(f.ctx, c.Lease, a, content))
	_, err := f.store.Artifact(f.ctx, a.ID)
	f.refused(err, ordinaut.ErrNotFound)
	f.refused(f.store.WriteArtifact(f.ctx, a.ID, &bytes.Buffer{}), ordinaut.ErrNotFound)
	same(f, "artifacts before", get(f.store.ListArtifacts(f.ctx, id))(f), nil)
	f.must(f.store.Settle(f.ctx, c.Lease, ordinaut.Outcome{Status: ordinaut.RunSucceeded, Steps: []ordinaut.StepResult{keeping(a)}}))
	same(f, "artifacts after", len(get(f.store.ListArtifacts(f.ctx, id))(f)), 1)
}

func artifactIsFenced(f *fixture) {
	id := f.newRun(f.newTask().ID)
	c := f.hold("w")
	f.pass(2 * lease)
	a, content := f.large(id, "s", 100)
	f.refused(f.store.SaveArtifact(f.ctx, c.Lease, a, content), ordinaut.ErrLeaseLost)
}

func artifactIsPruned(f *fixture) {
	id := f.newRun(f.newTask().ID)
	c := f.hold("w")
	kept, content := f.large(id, "s", 100)
	f.must(f.store.SaveArtifact(f.ctx, c.Lease, kept, content))
	orphan, _ := f.large(id, "s", 101)
	f.must(f.store.SaveArtifact(f.ctx, c.Lease, orphan, content))
	f.must(f.store.Settle(f.ctx, c.Lease, ordinaut.Outcome{Status: ordinaut.RunSucceeded, Steps: []ordinaut.StepResult{keeping(kept)}}))
	f.pass(limits.ArtifactOrphan + time.Hour)
	f.prune(forever())
	same(f, "artifacts", len(get(f.store.ListArtifacts(f.ctx, id))(f)), 1)
	again := f.newRun(f.newTask().ID)
	c = f.hold("w")
	late := keeping(orphan)
	f.must(f.store.SaveStep(f.ctx, c.Lease, late))
	_, err := f.store.Artifact(f.ctx, orphan.ID)
	f.refused(err, ordinaut.ErrNotFound)
	same(f, "artifacts of another run", get(f.store.ListArtifacts(f.ctx, again))(f), nil)
	keep := forever()
	keep.Steps = time.Minute
	f.prune(keep)
	_, err = f.store.Artifact(f.ctx, kept.ID)
	f.refused(err, ordinaut.ErrNotFound)
	f.statusIs(id, ordinaut.RunSucceeded)
}
