-- What a run that repeats another one begins with.
-- name: CopySteps
INSERT INTO step_result (run_id, path, status, attempt, tool, input, output, failure,
                         idempotency_key, started_at, finished_at, undoable)
SELECT $1, path, status, attempt, tool, input, output, failure,
       idempotency_key, started_at, finished_at, undoable
FROM step_result
WHERE run_id = $2 AND path = ANY($3::text[])
ORDER BY position;

-- A failed run is nobody's business any more once it was dismissed, or a rerun
-- of it was made that goes its way.
-- part: Unrepeated
NOT EXISTS (SELECT 1 FROM run WHERE rerun_of = dead.id AND status <> 'canceled');

-- name: DeadLetters
SELECT id, task_id, failure, finished_at
FROM past_run AS dead
WHERE status = 'failed' AND dismissed_at IS NULL
  AND ($1::uuid IS NULL OR task_id IN (SELECT id FROM task WHERE created_by = $1))
  AND ($2::uuid IS NULL OR task_id = $2)
  AND {Unrepeated}
ORDER BY id DESC
LIMIT $3;

-- name: Dismiss
UPDATE past_run AS dead
SET dismissed_at = $2
WHERE id = ANY($1::uuid[]) AND status = 'failed' AND dismissed_at IS NULL
  AND {Unrepeated}
RETURNING id;

-- name: RerunsOf
SELECT {RunColumns}
FROM run
WHERE rerun_of = $1
ORDER BY id DESC
LIMIT $2;
