-- A run that no worker holds ends at once. Of one that is at work it is asked,
-- for the reason that came first.
-- name: CancelRun
UPDATE run
SET status = iif(status = 'running', status, 'canceled'),
    cancel = iif(status = 'running', coalesce(cancel, ?2), cancel),
    reason = iif(status = 'running', reason, ?2),
    finished_at = iif(status = 'running', NULL, ?3),
    blocked = 0
WHERE id = ?1 AND finished_at IS NULL
RETURNING status;

-- name: CancelRunsOfTask
UPDATE run
SET status = iif(status = 'running', status, 'canceled'),
    cancel = iif(status = 'running', coalesce(cancel, ?2), cancel),
    reason = iif(status = 'running', reason, ?2),
    finished_at = iif(status = 'running', NULL, ?3),
    blocked = 0
WHERE task_id = ?1 AND finished_at IS NULL
RETURNING status, coalesce(slot, '');

-- name: Canceling
SELECT id FROM run WHERE worker = ?1 AND cancel IS NOT NULL AND status = 'running';

-- Runs that were to end, and whose worker has not answered.
-- name: ReclaimCanceled
UPDATE run
SET status = 'canceled', reason = cancel, finished_at = ?2, fence = fence + 1, locked_until = NULL
WHERE status = 'running' AND cancel IS NOT NULL AND locked_until <= ?1
RETURNING id;

-- The steps that were started and of which nobody will say how they ended.
-- name: EndSteps
UPDATE step_result SET status = 'failed', failure = ?2, finished_at = ?3 WHERE run_id = ?1 AND status = 'running';
