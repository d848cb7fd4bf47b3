-- Whoever adds to the log of a run holds its size until the commit. It answers with
-- nothing when there is no such run.
-- name: LockLogSize
INSERT INTO run_log_size (run_id, bytes, missing)
SELECT id, 0, 0 FROM run WHERE id = $1
ON CONFLICT (run_id) DO UPDATE SET bytes = run_log_size.bytes
RETURNING bytes, missing;

-- name: SaveLogSize
UPDATE run_log_size SET bytes = $2, missing = $3 WHERE run_id = $1;

-- name: InsertLogLine
INSERT INTO outbox (run_id, task_id, at, kind, step, attempt, tool, status, text)
SELECT $1, (SELECT task_id FROM run WHERE id = $1), $2, $3, $4, $5, $6, $7, $8;

-- name: DeleteLogFull
WITH told AS (
  DELETE FROM outbox WHERE run_id = $1 AND kind = 'full'
)
DELETE FROM event WHERE run_id = $1 AND kind = 'full';

-- name: LockLog
SELECT pg_advisory_xact_lock(4);

-- What was told gets its positions.
-- name: Stamp
WITH taken AS (
  DELETE FROM outbox RETURNING *
), counted AS (
  UPDATE event_end SET seq = seq + (SELECT count(*) FROM taken) RETURNING seq
), numbered AS (
  SELECT taken.*, counted.seq - row_number() OVER (ORDER BY taken.id DESC) + 1 AS seq FROM taken, counted
)
INSERT INTO event (seq, at, until, run_id, task_id, attempt, depth, kind, step, tool, status, text, failure, topic, source, event_id, subject, actor, data)
SELECT seq, at, until, run_id, task_id, attempt, depth, kind, step, tool, status, text, failure, topic, source, event_id, subject, actor, data
FROM numbered
ORDER BY seq;

-- name: SomethingTold
SELECT EXISTS (SELECT 1 FROM outbox);

-- name: ListLogOfRun
SELECT seq, run_id, at, kind, step, attempt, tool, status, text, failure, until
FROM event
WHERE run_id = $5 AND kind <> 'event' AND seq > $1 AND at >= $2
  AND ($3::text = '' OR step = $3 OR substring(step FOR length($3) + 1) IN ($3 || '.', $3 || '['))
ORDER BY seq
LIMIT $4;

-- Readers of many runs begin near the end, so the lines behind a position are
-- read in their order, whichever runs they are of.
-- name: ListLog
SELECT seq, run_id, at, kind, step, attempt, tool, status, text, failure, until
FROM event
WHERE seq > $1 AND kind <> 'event' AND at >= $2
  AND ($3::text = '' OR step = $3 OR substring(step FOR length($3) + 1) IN ($3 || '.', $3 || '['))
  AND ($5::uuid IS NULL OR task_id = $5)
ORDER BY seq
LIMIT $4;

-- name: LogEnd
SELECT seq FROM event_end;

-- name: PruneLog
DELETE FROM event WHERE run_id = ANY($1::uuid[]) AND kind <> 'event';

-- name: PruneLogSizes
DELETE FROM run_log_size WHERE run_id = ANY($1::uuid[]);
