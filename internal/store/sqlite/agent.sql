-- name: InsertAgent
INSERT INTO agent (id, name, kind, scopes, created_at) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (name) DO NOTHING;

-- name: AgentByName
SELECT id, name, kind, scopes, created_at FROM agent WHERE name = ?1;

-- name: Agent
SELECT id, name, kind, scopes, created_at FROM agent WHERE id = ?1;

-- name: InsertAudit
INSERT INTO audit (at, actor, action, subject, detail) VALUES (?, ?, ?, ?, ?);

-- name: Audit
SELECT position, at, actor, action, subject, detail FROM audit WHERE position > ?1 ORDER BY position LIMIT ?2;
