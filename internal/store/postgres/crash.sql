-- The workers that have lost a suspect in the middle of a call.
-- name: SuspectWorkers
SELECT DISTINCT worker FROM live_run
WHERE crashes > 0 AND crashes >= $2 AND status = 'running' AND locked_until <= $1
  AND EXISTS (SELECT 1 FROM step_result WHERE run_id = live_run.id AND step_result.status = 'running');

-- A run was cut off in the middle of a call when a step of it was begun and has
-- no result. Where a suspect was, it alone is blamed. A run keeps its turn: the next
-- crash finds it further.
-- name: Reclaim
UPDATE live_run
SET status = 'queued', fence = fence + 1, locked_until = NULL,
    crashes = crashes + ((crashes >= $2 OR worker <> ALL($3::text[]))
      AND EXISTS (SELECT 1 FROM step_result WHERE run_id = live_run.id AND step_result.status = 'running'))::integer
WHERE id = ANY(ARRAY(SELECT id FROM live_run WHERE status = 'running' AND cancel IS NULL AND locked_until <= $1 FOR UPDATE SKIP LOCKED))
  AND status = 'running' AND cancel IS NULL AND locked_until <= $1
RETURNING id, coalesce(slot, ''), crashes;

-- name: Quarantine
UPDATE live_run
SET status = 'failed', reason = 'quarantined', failure = $2, finished_at = $3, ending = NULL
WHERE id = $1
RETURNING {Stopped}, TRUE;
