-- What a run that repeats another one begins with.
-- name: CopySteps
INSERT INTO step_result (run_id, path, status, attempt, tool, input, output, failure,
                         idempotency_key, started_at, finished_at, undoable)
SELECT ?1, path, status, attempt, tool, input, output, failure,
       idempotency_key, started_at, finished_at, undoable
FROM step_result
WHERE run_id = ?2 AND path IN (SELECT value FROM json_each(?3))
ORDER BY position;

-- A failed run is nobody's business any more once it was dismissed, or a rerun
-- of it was made that goes its way.
-- name: DeadLetters
SELECT id, task_id, failure, finished_at
FROM run AS dead
WHERE status = 'failed' AND dismissed_at IS NULL
  AND (?1 = '' OR task_id IN (SELECT id FROM task WHERE created_by = ?1))
  AND (?2 = '' OR task_id = ?2)
  AND NOT EXISTS (SELECT 1 FROM run WHERE rerun_of = dead.id AND rerun_of <> '' AND status <> 'canceled')
ORDER BY id DESC
LIMIT ?3;

-- name: Dismiss
UPDATE run AS dead
SET dismissed_at = ?2
WHERE id IN (SELECT value FROM json_each(?1)) AND status = 'failed' AND dismissed_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM run WHERE rerun_of = dead.id AND rerun_of <> '' AND status <> 'canceled')
RETURNING id;

-- name: RerunsOf
SELECT {RunColumns}
FROM run
WHERE rerun_of = ?1 AND rerun_of <> ''
ORDER BY id DESC
LIMIT ?2;
