-- An answer stays while the step waits for the same thing.
-- name: SaveWait
INSERT INTO wait (run_id, path, kind, key, until, calls) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (run_id, path) DO UPDATE
SET answer = iif(kind = excluded.kind AND key = excluded.key, answer, NULL),
    kind = excluded.kind, key = excluded.key, until = excluded.until, calls = excluded.calls;

-- name: MarkWaits
UPDATE run SET waits = 1 WHERE id = ?1;

-- The waits of a run whose steps wait no longer. It answers with the runs that
-- were still to end.
-- name: DropWaits
DELETE FROM wait
WHERE run_id = ?1
  AND NOT EXISTS (SELECT 1 FROM step_result AS s WHERE s.run_id = wait.run_id AND s.path = wait.path AND s.status = 'waiting')
RETURNING iif(kind = 'run' AND answer IS NULL, key, '');

-- name: Answer
UPDATE wait SET answer = ?3
WHERE run_id = ?1 AND path = ?2 AND answer IS NULL AND (until IS NULL OR until > ?4);

-- name: HasAnswer
SELECT answer IS NOT NULL FROM wait WHERE run_id = ?1 AND path = ?2;

-- Who waits for the end of a run.
-- name: AnswerWithRun
UPDATE wait SET answer = ?2 WHERE kind = 'run' AND key = ?1 AND answer IS NULL
RETURNING run_id;

-- name: SomeAnswer
SELECT EXISTS (SELECT 1 FROM wait WHERE run_id = ?1 AND answer IS NOT NULL);

-- name: GoOn
UPDATE run SET status = 'queued', run_at = ?2 WHERE id = ?1 AND status = 'waiting';

-- Few waits have an answer that nobody has taken in, so that they come first.
-- name: Answered
SELECT DISTINCT run.id
FROM wait
CROSS JOIN run ON run.id = wait.run_id
WHERE wait.answer IS NOT NULL AND run.worker = ?1 AND run.status = 'running';

-- name: Wake
UPDATE run SET status = 'queued'
WHERE rowid IN (SELECT rowid FROM run WHERE status = 'waiting' AND run_at <= ?1 ORDER BY run_at LIMIT ?2);

-- name: NextWake
SELECT min(run_at) FROM run WHERE status = 'waiting' AND run_at IS NOT NULL;

-- name: ListWaits
SELECT wait.run_id, run.task_id,
       step_result.path, step_result.status, attempt, tool, input, step_result.output, step_result.failure,
       idempotency_key, step_result.started_at, step_result.finished_at, undoable,
       kind, key, until, calls, answer
FROM wait
JOIN run ON run.id = wait.run_id
JOIN step_result ON step_result.run_id = wait.run_id AND step_result.path = wait.path
WHERE kind IN (SELECT value FROM json_each(?1))
  AND (?2 = '' OR run.task_id = ?2)
  AND (?3 = '' OR run.task_id IN (SELECT id FROM task WHERE created_by = ?3))
  AND NOT (?4 AND answer IS NOT NULL)
ORDER BY wait.position
LIMIT ?5;

-- name: ListWaitsOfRun
SELECT wait.run_id, run.task_id,
       step_result.path, step_result.status, attempt, tool, input, step_result.output, step_result.failure,
       idempotency_key, step_result.started_at, step_result.finished_at, undoable,
       kind, key, until, calls, answer
FROM wait
JOIN run ON run.id = wait.run_id
JOIN step_result ON step_result.run_id = wait.run_id AND step_result.path = wait.path
WHERE wait.run_id = ?6
  AND kind IN (SELECT value FROM json_each(?1))
  AND (?2 = '' OR run.task_id = ?2)
  AND (?3 = '' OR run.task_id IN (SELECT id FROM task WHERE created_by = ?3))
  AND NOT (?4 AND answer IS NOT NULL)
ORDER BY wait.position
LIMIT ?5;
