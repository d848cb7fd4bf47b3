-- A run that no worker holds ends at once. Of one that is at work it is asked,
-- for the reason that came first. One whose steps are undone is about to end.
-- name: CancelRun
UPDATE run
SET status = iif(status = 'running', status, 'canceled'),
    cancel = iif(status = 'running', coalesce(cancel, ?2), cancel),
    reason = iif(status = 'running', reason, ?2),
    finished_at = iif(status = 'running', NULL, ?3),
    blocked = 0
WHERE id = ?1 AND finished_at IS NULL AND ending IS NULL
RETURNING id, task_id, coalesce(slot, ''), status, reason, waits, parent <> '', started_at IS NOT NULL;

-- name: CancelRunsOfTask
UPDATE run
SET status = iif(status = 'running', status, 'canceled'),
    cancel = iif(status = 'running', coalesce(cancel, ?2), cancel),
    reason = iif(status = 'running', reason, ?2),
    finished_at = iif(status = 'running', NULL, ?3),
    blocked = 0
WHERE task_id = ?1 AND finished_at IS NULL AND ending IS NULL
RETURNING id, task_id, coalesce(slot, ''), status, reason, waits, parent <> '', started_at IS NOT NULL;

-- name: Canceling
SELECT id FROM run WHERE worker = ?1 AND cancel IS NOT NULL AND status = 'running';

-- Runs that were to end, and whose worker has not answered.
-- name: ReclaimCanceled
UPDATE run
SET status = 'canceled', reason = cancel, finished_at = ?2, fence = fence + 1, locked_until = NULL
WHERE status = 'running' AND cancel IS NOT NULL AND locked_until <= ?1
RETURNING id, task_id, coalesce(slot, ''), status, reason, waits, parent <> '', TRUE;

-- Whether a run has done something that can be undone.
-- name: Undoable
SELECT EXISTS (SELECT 1 FROM step_result WHERE run_id = ?1 AND undoable = 1 AND status = 'succeeded');

-- A run that was to end is first undone.
-- name: UndoFirst
UPDATE run
SET status = 'queued', reason = '', finished_at = NULL, cancel = NULL, run_at = ?2, ending = ?3
WHERE id = ?1;

-- The steps that were begun, or wait, and of which nobody will say more.
-- name: EndSteps
UPDATE step_result SET status = 'failed', failure = ?2, finished_at = ?3
WHERE run_id = ?1 AND status IN ('running', 'waiting');
