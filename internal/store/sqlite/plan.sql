-- name: DueTasks
SELECT id, key, created_by, version, status, created_at, updated_at,
       definition, anchor, cursor, plan_rev, next_fire_at, snooze,
       (SELECT count(*) FROM run WHERE task_id = task.id AND finished_at IS NULL),
       (SELECT count(*) FROM run WHERE task_id = task.id AND status = 'parked')
FROM task
WHERE status = 'active' AND next_fire_at <= ?1
ORDER BY next_fire_at
LIMIT ?2;

-- name: NextFire
SELECT min(next_fire_at) FROM task WHERE status = 'active' AND next_fire_at > ?1;

-- name: AdvancePlan
UPDATE task
SET cursor = ?4, next_fire_at = ?5, status = iif(?6, 'completed', status), snooze = iif(?7, NULL, snooze)
WHERE id = ?1 AND cursor = ?2 AND plan_rev = ?3 AND status = 'active';

-- What has an outcome keeps it.
-- name: InsertOccurrence
INSERT INTO occurrence (task_id, nominal, run_id) VALUES (?, ?, ?)
ON CONFLICT (task_id, nominal) DO NOTHING;

-- name: InsertGap
INSERT INTO gap (task_id, first, last, count, more, reason) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (task_id, first) DO NOTHING;

-- A gap belongs to the range when any of its nominal times may lie in it.
-- name: Ledger
SELECT occurrence.nominal AS at, run_id, coalesce(run.status, ''), NULL AS last, NULL AS count, NULL AS more, coalesce(iif(run.blocked, 'concurrency', run.reason), '') AS reason
FROM occurrence
LEFT JOIN run ON run.id = occurrence.run_id
WHERE occurrence.task_id = ?1 AND occurrence.nominal >= ?2 AND occurrence.nominal < ?3
UNION ALL
SELECT first, '', '', last, count, more, reason
FROM gap
WHERE task_id = ?1 AND last >= ?2 AND first < ?3
ORDER BY at
LIMIT ?4;
