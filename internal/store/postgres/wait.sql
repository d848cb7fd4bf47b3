-- An answer stays while the step waits for the same thing.
-- name: SaveWait
INSERT INTO wait (run_id, path, kind, key, until, calls) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (run_id, path) DO UPDATE
SET answer = CASE WHEN wait.kind = excluded.kind AND wait.key = excluded.key THEN wait.answer END,
    kind = excluded.kind, key = excluded.key, until = excluded.until, calls = excluded.calls;

-- name: MarkWaits
UPDATE live_run SET waits = TRUE WHERE id = $1;

-- Whoever waits for the end of a run, or no longer does, holds that run before his
-- own: it cannot end unseen meanwhile.
-- name: LockAwaited
SELECT id FROM live_run
WHERE id = ANY(ARRAY(SELECT key::uuid FROM wait WHERE run_id = $1 AND kind = 'run' AND answer IS NULL UNION SELECT unnest($2::uuid[])))
ORDER BY id
FOR NO KEY UPDATE;

-- The waits of a run whose steps wait no longer. It answers with the runs that
-- were still to end.
-- name: DropWaits
DELETE FROM wait
WHERE run_id = $1
  AND NOT EXISTS (SELECT 1 FROM step_result AS s WHERE s.run_id = wait.run_id AND s.path = wait.path AND s.status = 'waiting')
RETURNING CASE WHEN kind = 'run' AND answer IS NULL THEN key ELSE '' END;

-- Whoever answers a step of a run holds the run, so that its worker does not let it
-- go unanswered meanwhile.
-- name: LockRun
SELECT id FROM live_run WHERE id = $1 FOR NO KEY UPDATE;

-- name: Answer
UPDATE wait SET answer = $3
WHERE run_id = $1 AND path = $2 AND answer IS NULL AND (until IS NULL OR until > $4);

-- name: HasAnswer
SELECT answer IS NOT NULL FROM wait WHERE run_id = $1 AND path = $2;

-- Who waits for the end of a run.
-- name: AnswerWithRun
UPDATE wait SET answer = $2 WHERE kind = 'run' AND key = $1 AND answer IS NULL
RETURNING run_id;

-- name: SomeAnswer
SELECT EXISTS (SELECT 1 FROM wait WHERE run_id = $1 AND answer IS NOT NULL);

-- name: GoOn
UPDATE live_run SET status = 'queued', run_at = $2 WHERE id = $1 AND status = 'waiting';

-- Few waits have an answer that nobody has taken in, so that they come first.
-- name: Answered
SELECT DISTINCT live_run.id
FROM wait
JOIN live_run ON live_run.id = wait.run_id
WHERE wait.answer IS NOT NULL AND live_run.worker = $1 AND live_run.status = 'running';

-- name: Wake
UPDATE live_run SET status = 'queued'
WHERE id = ANY(ARRAY(SELECT id FROM live_run WHERE status = 'waiting' AND run_at <= $1 ORDER BY run_at LIMIT $2 FOR UPDATE SKIP LOCKED))
  AND status = 'waiting';

-- name: NextWake
SELECT min(run_at) FROM live_run WHERE status = 'waiting' AND run_at IS NOT NULL;

-- part: WaitingColumns
wait.run_id, live_run.task_id,
       step_result.path, step_result.status, attempt, tool, input, step_result.output, step_result.failure,
       idempotency_key, step_result.started_at, step_result.finished_at, undoable,
       kind, key, until, calls, answer;

-- part: WaitSelected
FROM wait
JOIN live_run ON live_run.id = wait.run_id
JOIN step_result ON step_result.run_id = wait.run_id AND step_result.path = wait.path
WHERE kind = ANY($1::text[])
  AND ($2::uuid IS NULL OR live_run.task_id = $2)
  AND ($3::uuid IS NULL OR live_run.task_id IN (SELECT id FROM task WHERE created_by = $3))
  AND NOT ($4::boolean AND answer IS NOT NULL);

-- name: ListWaits
SELECT {WaitingColumns}
{WaitSelected}
ORDER BY wait.position
LIMIT $5;

-- name: ListWaitsOfRun
SELECT {WaitingColumns}
{WaitSelected} AND wait.run_id = $6
ORDER BY wait.position
LIMIT $5;
