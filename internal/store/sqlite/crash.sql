-- A run was cut off in the middle of a call when a step of it was begun and has
-- no result. It keeps its turn: the next crash finds it further.
-- name: Reclaim
UPDATE run
SET status = 'queued', fence = fence + 1, locked_until = NULL,
    crashes = crashes + EXISTS (SELECT 1 FROM step_result WHERE run_id = run.id AND step_result.status = 'running')
WHERE status = 'running' AND cancel IS NULL AND locked_until <= ?1
RETURNING id, coalesce(slot, ''), crashes;

-- name: Quarantine
UPDATE run
SET status = 'failed', reason = 'quarantined', failure = ?2, finished_at = ?3, ending = NULL
WHERE id = ?1
RETURNING id, task_id, coalesce(slot, ''), status, reason, waits, parent <> '', TRUE;

-- Whether the worker holds a run, and how often one that it holds was cut off.
-- name: Holds
SELECT count(*), coalesce(max(crashes), 0) FROM run WHERE status = 'running' AND worker = ?1;
