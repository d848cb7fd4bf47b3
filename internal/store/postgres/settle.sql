-- Whoever writes under a lease holds its run until the commit, so that nobody takes
-- the run back meanwhile.
-- name: HoldsLease
SELECT waits, crashes FROM live_run
WHERE id = $1 AND fence = $2 AND worker = $3 AND locked_until > $4
FOR NO KEY UPDATE;

-- The runs of leases that stand, whether nothing of each has waited or crashed, and
-- whether no other run waits for its end or its slot, as far as its own row says.
-- name: HoldLeases
SELECT r.id, NOT r.waits AND r.crashes = 0, r.parent IS NULL AND r.slot IS NULL
FROM unnest($1::uuid[], $2::bigint[], $3::text[]) AS l (id, fence, worker)
JOIN live_run AS r ON r.id = l.id AND r.fence = l.fence AND r.worker = l.worker
WHERE r.locked_until > $4
ORDER BY r.id
FOR NO KEY UPDATE OF r;

-- name: SaveSteps
INSERT INTO step_result (run_id, path, status, attempt, tool, idempotency_key, started_at, finished_at, undoable,
                         input, output, failure)
SELECT run_id, path, status, attempt, tool, idempotency_key, started_at, finished_at, undoable, input, output, failure::json
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::integer[], $5::text[], $6::text[], $7::timestamptz[], $8::timestamptz[], $9::boolean[],
            $10::text[], $11::text[], $12::text[]) WITH ORDINALITY
  AS s (run_id, path, status, attempt, tool, idempotency_key, started_at, finished_at, undoable, input, output, failure, n)
ORDER BY n
{Again};

-- What was recorded of a step that is not done makes way.
-- part: Again
ON CONFLICT (run_id, path) DO UPDATE
SET status = excluded.status, attempt = excluded.attempt, tool = excluded.tool,
    input = excluded.input, output = excluded.output, failure = excluded.failure,
    idempotency_key = excluded.idempotency_key,
    started_at = excluded.started_at, finished_at = excluded.finished_at, undoable = excluded.undoable
WHERE step_result.status NOT IN ('succeeded', 'skipped');

-- name: SaveStep
INSERT INTO step_result (run_id, path, status, attempt, tool, input, output, failure,
                         idempotency_key, started_at, finished_at, undoable)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
{Again};

-- name: ClearCrashes
UPDATE live_run SET crashes = 0 WHERE id = $1;

-- A run that has ended, before it is moved.
-- name: Finish
UPDATE live_run
SET status = $5, reason = CASE WHEN $5 = 'canceled' AND $6 = '' THEN coalesce(cancel, '') ELSE $6 END,
    failures = failures + $7::integer, failure = $8, output = $9,
    worked_ns = worked_ns + $10, finished_at = $4, locked_until = NULL, ending = NULL,
    crashes = CASE WHEN $11::boolean THEN 0 ELSE crashes END
WHERE id = $1 AND fence = $2 AND worker = $3 AND locked_until > $4
RETURNING {Stopped}, waits;

-- Runs whose leases are held, and on which nothing hangs, end and are moved. Of their
-- end no trigger tells, for they never stand there in live_run.
-- name: FinishAll
WITH gone AS (
  DELETE FROM live_run AS r
  USING unnest($1::uuid[], $2::text[], $3::text[], $4::integer[], $5::text[], $6::text[], $7::bigint[])
    AS o (run, end_status, end_reason, failed, end_failure, end_output, end_worked)
  WHERE r.id = o.run
  RETURNING r.*, o.end_status, CASE WHEN o.end_status = 'canceled' AND o.end_reason = '' THEN coalesce(r.cancel, '') ELSE o.end_reason END AS why,
            o.failed, o.end_failure::json AS fault, o.end_output, o.end_worked
), moved AS (
  INSERT INTO past_run (id, task_id, rerun_of, parent, nominal, scheduled_for, enqueued_at, claimed_at, started_at, finished_at,
                        dismissed_at, run_at, locked_until, now, fence, worked_ns, plan_rev, task_version, failures, crashes,
                        slots, depth, priority, blocked, waits, has_steps, status, trigger, reason, cancel, worker, slot, dedupe,
                        parent_step, params, output, failure, ending, event)
  SELECT id, task_id, rerun_of, parent, nominal, scheduled_for, enqueued_at, claimed_at, started_at, $8,
         dismissed_at, run_at, NULL, now, fence, worked_ns + end_worked, plan_rev, task_version, failures + failed, crashes,
         slots, depth, priority, blocked, waits, has_steps, end_status, trigger, why, cancel, worker, slot, dedupe,
         parent_step, params, end_output, fault, NULL, event
  FROM gone
), told AS (
  INSERT INTO outbox (at, run_id, task_id, depth, kind, attempt, status, text, failure)
  SELECT $8, id, task_id, depth, 'run', CASE WHEN end_status = 'failed' THEN greatest(failures + failed, 1) ELSE failures + failed + 1 END,
         end_status, why, CASE WHEN end_status = 'failed' OR failed > 0 THEN fault END
  FROM gone
)
SELECT task_id FROM gone;

-- What is to be known of a run that was stopped, but for whether steps of it may be
-- open.
-- part: Stopped
id, task_id, coalesce(slot, ''), status, reason, waits, parent IS NOT NULL;

-- A run that is to end is not tried again, but for the undoing of its steps.
-- name: Requeue
UPDATE live_run
SET status = CASE WHEN cancel IS NULL OR $11::text IS NOT NULL THEN $5 ELSE 'canceled' END,
    reason = CASE WHEN cancel IS NULL OR $11 IS NOT NULL THEN $6 ELSE cancel END,
    failures = failures + $7::integer, failure = coalesce($8, failure),
    worked_ns = worked_ns + $9, run_at = $10, locked_until = NULL,
    finished_at = CASE WHEN cancel IS NULL OR $11 IS NOT NULL THEN NULL ELSE $4 END,
    cancel = CASE WHEN $11 IS NULL THEN cancel END, ending = coalesce($11, ending),
    crashes = CASE WHEN $12::boolean THEN 0 ELSE crashes END
WHERE id = $1 AND fence = $2 AND worker = $3 AND locked_until > $4
RETURNING {Stopped}, TRUE;

-- Moves runs that have ended.
-- name: Archive
WITH gone AS (
  DELETE FROM live_run WHERE id = ANY($1::uuid[]) AND finished_at IS NOT NULL
  RETURNING *
)
INSERT INTO past_run SELECT * FROM gone;

-- The next round of a step, behind those of its results and of the runs it asked for.
-- name: NextRound
SELECT coalesce(max(substring(substring(path FROM length($2::text) + 2) FROM '^[0-9]+')::integer), 0) + 1
FROM (
  SELECT path FROM step_result WHERE run_id = $1 AND path >= $2 || '~' AND path < $2 || '~:'
  UNION ALL
  SELECT parent_step FROM run WHERE parent = $1 AND parent_step >= $2 || '~' AND parent_step < $2 || '~:'
) AS rounds;

-- Puts the results of a step and of those in it aside, under the name of a round.
-- name: PutAside
UPDATE step_result
SET path = $2::text || '~' || $3::integer || substring(path FROM length($2) + 1),
    status = CASE WHEN status IN ('running', 'waiting') THEN 'failed' ELSE status END,
    failure = CASE WHEN status IN ('running', 'waiting') THEN $4 ELSE failure END,
    finished_at = CASE WHEN status IN ('running', 'waiting') THEN $5 ELSE finished_at END
WHERE run_id = $1
  AND (path = $2 OR path >= $2 || '[' AND path < $2 || '\' OR path >= $2 || '.' AND path < $2 || '/');

-- The runs that these steps asked for are theirs under the new name, too.
-- name: PutRunsAside
WITH past AS (
  UPDATE past_run
  SET parent_step = $2::text || '~' || $3::integer || substring(parent_step FROM length($2) + 1)
  WHERE parent = $1
    AND (parent_step = $2 OR parent_step >= $2 || '[' AND parent_step < $2 || '\' OR parent_step >= $2 || '.' AND parent_step < $2 || '/')
)
UPDATE live_run
SET parent_step = $2 || '~' || $3 || substring(parent_step FROM length($2) + 1)
WHERE parent = $1
  AND (parent_step = $2 OR parent_step >= $2 || '[' AND parent_step < $2 || '\' OR parent_step >= $2 || '.' AND parent_step < $2 || '/');
