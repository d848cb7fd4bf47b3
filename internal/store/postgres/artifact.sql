-- name: InsertArtifact
INSERT INTO artifact (id, run_id, step, bytes, sha256, content_type, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: InsertArtifactPart
INSERT INTO artifact_part (artifact_id, n, data) VALUES ($1, $2, $3);

-- name: KeepArtifact
UPDATE artifact SET kept = TRUE WHERE id = $1 AND run_id = $2;

-- name: Artifact
SELECT id, run_id, step, bytes, sha256, content_type, created_at FROM artifact WHERE id = $1 AND kept;

-- name: ListArtifacts
SELECT id, run_id, step, bytes, sha256, content_type, created_at FROM artifact WHERE run_id = $1 AND kept ORDER BY id;

-- name: ArtifactPart
SELECT data FROM artifact_part WHERE artifact_id = $1 AND n = $2;

-- name: PruneArtifacts
DELETE FROM artifact WHERE run_id = ANY($1::uuid[]);

-- name: PruneOrphans
DELETE FROM artifact
WHERE id = ANY(ARRAY(
  SELECT id FROM artifact WHERE NOT kept AND created_at <= $1 ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED
));
