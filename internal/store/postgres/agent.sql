-- name: InsertAgent
INSERT INTO agent (id, name, kind, scopes, created_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (name) DO NOTHING;

-- name: AgentByName
SELECT id, name, kind, scopes, created_at FROM agent WHERE name = $1;

-- name: Agent
SELECT id, name, kind, scopes, created_at FROM agent WHERE id = $1;

-- name: InsertAudit
INSERT INTO audit (at, actor, action, subject, detail) VALUES ($1, $2, $3, $4, $5);

-- name: SomeUnplaced
SELECT EXISTS (SELECT FROM audit WHERE position IS NULL);

-- Those who place entries do so one after the other; each sees what the one before
-- has committed, because its next statement begins after that.
-- name: LockAudit
SELECT pg_advisory_xact_lock(hashtextextended('ordinaut.audit', 0));

-- Everything that is seen here was committed, and everything that was placed before
-- has a lower position.
-- name: PlaceAudit
UPDATE audit
SET position = (SELECT coalesce(max(position), 0) FROM audit) + unplaced.n
FROM (
  SELECT id, row_number() OVER (ORDER BY id) AS n
  FROM (SELECT id FROM audit WHERE position IS NULL ORDER BY id LIMIT $1) AS oldest
) AS unplaced
WHERE audit.id = unplaced.id;

-- name: Audit
SELECT position, at, actor, action, subject, detail FROM audit WHERE position > $1 ORDER BY position LIMIT $2;
