-- name: DueTasks
SELECT {TaskColumns},
       (SELECT count(*) FROM live_run WHERE task_id = task.id),
       (SELECT count(*) FROM live_run WHERE task_id = task.id AND status = 'parked')
FROM task
WHERE status = 'active' AND next_fire_at <= $1
ORDER BY next_fire_at
LIMIT $2;

-- name: NextFire
SELECT min(next_fire_at) FROM task WHERE status = 'active' AND next_fire_at > $1;

-- Decisions move the cursors of their tasks, each if it is still where it was.
-- Tasks are locked in the order in which they are given.
-- name: AdvancePlans
UPDATE task
SET cursor = want.advance, next_fire_at = want.next_fire,
    status = CASE WHEN want.complete THEN 'completed' ELSE task.status END,
    snooze = CASE WHEN want.awake THEN NULL ELSE task.snooze END
FROM unnest($1::uuid[], $2::timestamptz[], $3::bigint[], $4::timestamptz[], $5::timestamptz[], $6::bool[], $7::bool[])
  AS want (id, cursor, plan_rev, advance, next_fire, complete, awake)
WHERE task.id = want.id AND task.cursor = want.cursor AND task.plan_rev = want.plan_rev AND task.status = 'active'
RETURNING task.id, task.dedupe IS NOT NULL;

-- What has an outcome keeps it.
-- name: InsertOccurrence
INSERT INTO occurrence (task_id, nominal, run_id) VALUES ($1, $2, $3)
ON CONFLICT (task_id, nominal) DO NOTHING;

-- The same for many, with their runs.
-- name: InsertFires
WITH fire AS MATERIALIZED (
  SELECT * FROM unnest($1::uuid[], $2::timestamptz[], $3::uuid[], $4::timestamptz[])
    WITH ORDINALITY AS given (task_id, nominal, run_id, scheduled_for, n)
), made AS (
  INSERT INTO occurrence (task_id, nominal, run_id)
  SELECT task_id, nominal, run_id FROM fire
  ON CONFLICT (task_id, nominal) DO NOTHING
  RETURNING run_id
)
INSERT INTO live_run (id, task_id, trigger, nominal, scheduled_for, run_at, enqueued_at, status, priority, plan_rev, slot, slots, dedupe)
SELECT fire.run_id, task.id, 'schedule', fire.nominal, fire.scheduled_for, fire.scheduled_for, $5, 'queued',
       task.priority, task.plan_rev, task.slot, task.slots, task.dedupe
FROM fire
JOIN made USING (run_id)
JOIN task ON task.id = fire.task_id
ORDER BY fire.n;

-- name: InsertGaps
INSERT INTO gap (task_id, first, last, count, more, reason)
SELECT * FROM unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[], $4::int[], $5::bool[], $6::text[])
ON CONFLICT (task_id, first) DO NOTHING;

-- A gap belongs to the range when any of its nominal times may lie in it.
-- name: Ledger
SELECT occurrence.nominal AS at, run_id, coalesce(run.status, ''), NULL::timestamptz AS last, 0 AS count, FALSE AS more,
       coalesce(CASE WHEN run.blocked THEN 'concurrency' ELSE run.reason END, '') AS reason
FROM occurrence
LEFT JOIN LATERAL (
  SELECT status, reason, blocked FROM run WHERE id = occurrence.run_id LIMIT 1
) AS run ON TRUE
WHERE occurrence.task_id = $1 AND occurrence.nominal >= $2 AND occurrence.nominal < $3
UNION ALL
SELECT first, NULL, '', last, count, more, reason
FROM gap
WHERE task_id = $1 AND last >= $2 AND first < $3
ORDER BY at
LIMIT $4;
