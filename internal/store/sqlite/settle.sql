-- name: HoldsLease
SELECT waits, crashes FROM run
WHERE id = ?1 AND fence = ?2 AND worker = ?3 AND locked_until > ?4;

-- name: SaveStep
INSERT INTO step_result (run_id, path, status, attempt, tool, input, output, failure,
                         idempotency_key, started_at, finished_at, undoable)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (run_id, path) DO UPDATE
SET status = excluded.status, attempt = excluded.attempt, tool = excluded.tool,
    input = excluded.input, output = excluded.output, failure = excluded.failure,
    idempotency_key = excluded.idempotency_key,
    started_at = excluded.started_at, finished_at = excluded.finished_at, undoable = excluded.undoable
WHERE step_result.status NOT IN ('succeeded', 'skipped');

-- name: ClearCrashes
UPDATE run SET crashes = 0 WHERE id = ?1;

-- part: Finished
SET status = ?5, reason = iif(?5 = 'canceled' AND ?6 = '', coalesce(cancel, ''), ?6), failures = failures + ?7, failure = ?8, output = ?9,
    worked_ns = worked_ns + ?10, finished_at = ?4, locked_until = NULL, ending = NULL,
    crashes = iif(?11, 0, crashes)
WHERE id = ?1 AND fence = ?2 AND worker = ?3 AND locked_until > ?4;

-- Mostly nothing hangs on a run, and to answer with it would double the cost.
-- name: Finish
UPDATE run {Finished} AND waits = 0 AND parent = '';

-- name: FinishWithKin
UPDATE run {Finished}
RETURNING id, task_id, coalesce(slot, ''), status, reason, waits, parent <> '', waits;

-- A run that is to end is not tried again, but for the undoing of its steps.
-- name: Requeue
UPDATE run
SET status = iif(cancel IS NULL OR ?11 IS NOT NULL, ?5, 'canceled'),
    reason = iif(cancel IS NULL OR ?11 IS NOT NULL, ?6, cancel),
    failures = failures + ?7, failure = coalesce(?8, failure),
    worked_ns = worked_ns + ?9, run_at = ?10, locked_until = NULL,
    finished_at = iif(cancel IS NULL OR ?11 IS NOT NULL, NULL, ?4),
    cancel = iif(?11 IS NULL, cancel, NULL), ending = coalesce(?11, ending),
    crashes = iif(?12, 0, crashes)
WHERE id = ?1 AND fence = ?2 AND worker = ?3 AND locked_until > ?4
RETURNING id, task_id, coalesce(slot, ''), status, reason, waits, parent <> '', TRUE;

-- The next round of a step, behind those of its results and of the runs it asked for.
-- name: NextRound
SELECT coalesce(max(CAST(substr(path, length(?2) + 2) AS INTEGER)), 0) + 1
FROM (
  SELECT path FROM step_result WHERE run_id = ?1 AND path >= ?2 || '~' AND path < ?2 || '~:'
  UNION ALL
  SELECT parent_step FROM run WHERE parent = ?1 AND parent <> '' AND parent_step >= ?2 || '~' AND parent_step < ?2 || '~:'
);

-- Puts the results of a step and of those in it aside, under the name of a round.
-- name: PutAside
UPDATE step_result
SET path = ?2 || '~' || ?3 || substr(path, length(?2) + 1),
    status = iif(status IN ('running', 'waiting'), 'failed', status),
    failure = iif(status IN ('running', 'waiting'), ?4, failure),
    finished_at = iif(status IN ('running', 'waiting'), ?5, finished_at)
WHERE run_id = ?1
  AND (path = ?2 OR path >= ?2 || '[' AND path < ?2 || '\' OR path >= ?2 || '.' AND path < ?2 || '/');

-- The runs that these steps asked for are theirs under the new name, too.
-- name: PutRunsAside
UPDATE run
SET parent_step = ?2 || '~' || ?3 || substr(parent_step, length(?2) + 1)
WHERE parent = ?1 AND parent <> ''
  AND (parent_step = ?2 OR parent_step >= ?2 || '[' AND parent_step < ?2 || '\' OR parent_step >= ?2 || '.' AND parent_step < ?2 || '/');
