-- The workers that have lost a suspect in the middle of a call, as a JSON array.
-- name: SuspectWorkers
SELECT json_group_array(DISTINCT worker) FROM run
WHERE crashes > 0 AND status IN ('queued', 'running') AND crashes >= ?2 AND +status = 'running' AND +locked_until <= ?1
  AND EXISTS (SELECT 1 FROM step_result WHERE run_id = run.id AND step_result.status = 'running');

-- A run was cut off in the middle of a call when a step of it was begun and has
-- no result. Where a suspect was, it alone is blamed. A run keeps its turn: the next
-- crash finds it further.
-- name: Reclaim
UPDATE run
SET status = 'queued', fence = fence + 1, locked_until = NULL,
    crashes = crashes + ((crashes >= ?2 OR worker NOT IN (SELECT value FROM json_each(?3)))
      AND EXISTS (SELECT 1 FROM step_result WHERE run_id = run.id AND step_result.status = 'running'))
WHERE status = 'running' AND cancel IS NULL AND locked_until <= ?1
RETURNING id, coalesce(slot, ''), crashes;

-- name: Quarantine
UPDATE run
SET status = 'failed', reason = 'quarantined', failure = ?2, finished_at = ?3, ending = NULL
WHERE id = ?1
RETURNING id, task_id, coalesce(slot, ''), status, reason, waits, parent <> '', TRUE;

-- name: HoldsSuspect
SELECT EXISTS (SELECT 1 FROM run
               WHERE crashes > 0 AND status IN ('queued', 'running') AND crashes >= ?2 AND +status = 'running' AND worker = ?1);

-- name: SomeSuspects
SELECT EXISTS (SELECT 1 FROM run WHERE crashes > 0 AND status IN ('queued', 'running') AND crashes >= ?1);

-- name: IsSuspect
SELECT EXISTS (SELECT 1 FROM run WHERE id = ?1 AND crashes >= ?2);
