-- name: Begin
BEGIN IMMEDIATE;

-- name: Commit
COMMIT;

-- name: Rollback
ROLLBACK;

-- name: Savepoint
SAVEPOINT member;

-- name: RollbackMember
ROLLBACK TO member;

-- name: ReleaseMember
RELEASE member;

-- name: Ping
SELECT 1;

-- name: Backup
VACUUM INTO ?1;

-- name: InsertSecret
INSERT INTO secret (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO NOTHING;

-- name: Secret
SELECT value FROM secret WHERE name = ?1;

-- name: RunsWithOldSteps
SELECT id, (SELECT count(*) FROM step_result WHERE run_id = run.id)
FROM run
WHERE has_steps = 1 AND finished_at <= ?1
ORDER BY finished_at
LIMIT ?2;

-- name: PruneSteps
DELETE FROM step_result WHERE run_id IN (SELECT value FROM json_each(?1));

-- name: MarkPruned
UPDATE run SET has_steps = 0 WHERE id IN (SELECT value FROM json_each(?1));

-- name: PruneRuns
DELETE FROM run
WHERE rowid IN (
  SELECT rowid FROM run WHERE has_steps = 0 AND finished_at <= ?1 ORDER BY finished_at LIMIT ?2
);

-- name: PruneOccurrences
DELETE FROM occurrence
WHERE (task_id, nominal) IN (
  SELECT task_id, nominal FROM occurrence AS old
  WHERE nominal <= ?1 AND NOT EXISTS (SELECT 1 FROM run WHERE id = old.run_id)
  ORDER BY nominal
  LIMIT ?2
);

-- name: PruneGaps
DELETE FROM gap
WHERE (task_id, first) IN (SELECT task_id, first FROM gap WHERE last <= ?1 ORDER BY last LIMIT ?2);
