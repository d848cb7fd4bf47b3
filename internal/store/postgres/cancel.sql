-- A run that no worker holds ends at once. Of one that is at work it is asked,
-- for the reason that came first. One whose steps are undone is about to end.
-- name: CancelRun
UPDATE live_run
SET status = CASE status WHEN 'running' THEN status ELSE 'canceled' END,
    cancel = CASE status WHEN 'running' THEN coalesce(cancel, $2) ELSE cancel END,
    reason = CASE status WHEN 'running' THEN reason ELSE $2 END,
    finished_at = CASE status WHEN 'running' THEN NULL ELSE $3::timestamptz END,
    blocked = FALSE
WHERE id = $1 AND finished_at IS NULL AND ending IS NULL
RETURNING {Stopped}, started_at IS NOT NULL;

-- name: CancelRunsOfTask
UPDATE live_run
SET status = CASE status WHEN 'running' THEN status ELSE 'canceled' END,
    cancel = CASE status WHEN 'running' THEN coalesce(cancel, $2) ELSE cancel END,
    reason = CASE status WHEN 'running' THEN reason ELSE $2 END,
    finished_at = CASE status WHEN 'running' THEN NULL ELSE $3::timestamptz END,
    blocked = FALSE
WHERE id = ANY(ARRAY(SELECT id FROM live_run WHERE task_id = $1 AND ending IS NULL ORDER BY id FOR UPDATE))
  AND finished_at IS NULL AND ending IS NULL
RETURNING {Stopped}, started_at IS NOT NULL;

-- name: Canceling
SELECT id FROM live_run WHERE worker = $1 AND cancel IS NOT NULL AND status = 'running';

-- Runs that were to end, and whose worker has not answered.
-- name: ReclaimCanceled
UPDATE live_run
SET status = 'canceled', reason = cancel, finished_at = $1, fence = fence + 1, locked_until = NULL
WHERE id = ANY(ARRAY(SELECT id FROM live_run WHERE status = 'running' AND cancel IS NOT NULL AND locked_until <= $1 FOR UPDATE SKIP LOCKED))
  AND status = 'running' AND cancel IS NOT NULL
RETURNING {Stopped}, TRUE;

-- Whether a run has done something that can be undone.
-- name: Undoable
SELECT EXISTS (SELECT 1 FROM step_result WHERE run_id = $1 AND undoable AND status = 'succeeded');

-- A run that was to end is first undone.
-- name: UndoFirst
UPDATE live_run
SET status = 'queued', reason = '', finished_at = NULL, cancel = NULL, run_at = $2, ending = $3
WHERE id = $1;

-- The steps that were begun, or wait, and of which nobody will say more.
-- name: EndSteps
UPDATE step_result SET status = 'failed', failure = $2, finished_at = $3
WHERE run_id = $1 AND status IN ('running', 'waiting');
