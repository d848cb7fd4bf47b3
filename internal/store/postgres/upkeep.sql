-- name: Now
SELECT ordinaut.clock();

-- name: Ping
SELECT 1;

-- name: InsertSecret
INSERT INTO secret (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING;

-- name: Secret
SELECT value FROM secret WHERE name = $1;

-- Whoever prunes passes over what another prunes.
-- name: RunsWithOldSteps
SELECT id, (SELECT count(*) FROM step_result WHERE run_id = past_run.id)
FROM past_run
WHERE has_steps AND finished_at <= $1
ORDER BY finished_at
LIMIT $2
FOR UPDATE SKIP LOCKED;

-- name: PruneSteps
DELETE FROM step_result WHERE run_id = ANY($1::uuid[]);

-- name: MarkPruned
UPDATE past_run SET has_steps = FALSE WHERE id = ANY($1::uuid[]);

-- name: PruneRuns
DELETE FROM past_run
WHERE id = ANY(ARRAY(
  SELECT id FROM past_run WHERE NOT has_steps AND finished_at <= $1 ORDER BY finished_at LIMIT $2 FOR UPDATE SKIP LOCKED
));

-- name: PruneOccurrences
DELETE FROM occurrence
WHERE ctid = ANY(ARRAY(
  SELECT ctid FROM occurrence AS old
  WHERE nominal <= $1
    AND NOT EXISTS (SELECT FROM live_run WHERE id = old.run_id LIMIT 1)
    AND NOT EXISTS (SELECT FROM past_run WHERE id = old.run_id LIMIT 1)
  ORDER BY nominal
  LIMIT $2
  FOR UPDATE SKIP LOCKED
));

-- name: PruneGaps
DELETE FROM gap
WHERE ctid = ANY(ARRAY(SELECT ctid FROM gap WHERE last <= $1 ORDER BY last LIMIT $2 FOR UPDATE SKIP LOCKED));

-- name: Notify
SELECT pg_notify('ordinaut', $1);

-- name: Listen
LISTEN ordinaut;

-- What there is to do that a signal may not have told of, each along the index of
-- its few rows; where it asks for the first of an order, that is to keep it there.
-- The outbox counts whatever becomes of runs.
-- name: Look
SELECT EXISTS (SELECT FROM task WHERE status = 'active' AND next_fire_at <= c.now),
       EXISTS (
         SELECT FROM (VALUES (9), (8), (7), (6), (5), (4), (3), (2), (1)) AS p (priority)
         CROSS JOIN LATERAL (
           SELECT FROM live_run WHERE status = 'queued' AND NOT blocked AND priority = p.priority AND run_at <= c.now LIMIT 1
         ) AS due
       ),
       (SELECT id FROM live_run WHERE status = 'running' AND cancel IS NOT NULL ORDER BY worker LIMIT 1) IS NOT NULL,
       EXISTS (SELECT FROM live_run WHERE status = 'waiting' AND run_at <= c.now),
       (SELECT run_id FROM wait WHERE answer IS NOT NULL ORDER BY run_id LIMIT 1) IS NOT NULL,
       (SELECT last_value FROM outbox_id_seq)
FROM (SELECT ordinaut.clock() AS now OFFSET 0) AS c;
