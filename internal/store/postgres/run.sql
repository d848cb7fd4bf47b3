-- A run takes its slots and what it must not do twice from its task, and its priority unless it brings its own.
-- name: InsertRun
INSERT INTO live_run (id, task_id, trigger, nominal, scheduled_for, run_at, enqueued_at, status, priority, params, plan_rev, slot, slots, dedupe,
                      task_version, now, rerun_of, parent, parent_step, depth, event)
SELECT $1, id, $3, $4, $5, $5, $6, $7, coalesce(nullif($8::smallint, 0), priority), $9, plan_rev, slot, slots, dedupe,
       nullif($10::integer, 0), $11, $12, $13, $14, $15, $16
FROM task
WHERE id = $2;

-- Of tasks with a dedupe key runs are made one by one.
-- name: InsertRuns
WITH asked AS MATERIALIZED (
  SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[], $5::integer[], $6::text[]) WITH ORDINALITY
    AS a (run, task, trigger, due, priority, params, n)
), made AS (
  INSERT INTO live_run (id, task_id, trigger, scheduled_for, run_at, enqueued_at, status, priority, params, plan_rev, slot, slots)
  SELECT a.run, task.id, a.trigger, a.due, a.due, $7, 'queued', coalesce(nullif(a.priority, 0), task.priority), a.params, plan_rev, slot, slots
  FROM asked AS a
  JOIN task ON task.id = a.task AND task.dedupe IS NULL
  ORDER BY n
  RETURNING id
)
SELECT n FROM asked JOIN made ON made.id = asked.run;

-- name: InsertAudits
INSERT INTO audit (at, actor, action, subject, detail)
SELECT $1, actor, action, subject, detail
FROM unnest($2::text[], $3::text[], $4::text[], $5::text[]) WITH ORDINALITY AS a (actor, action, subject, detail, n)
ORDER BY n;

-- part: RunColumns
id, task_id, task_version, trigger, nominal, scheduled_for, enqueued_at,
       claimed_at, started_at, finished_at, status, CASE WHEN blocked THEN 'concurrency' ELSE reason END, failures, priority, worker,
       now, worked_ns, params, output, failure, plan_rev, coalesce(cancel, ''),
       ending, crashes, coalesce(rerun_of::text, ''), coalesce(parent::text, ''), parent_step, depth, event;

-- name: Run
SELECT {RunColumns}
FROM run
WHERE id = $1;

-- What a filter selects by, on all its pages.
-- part: Selected
($1::uuid IS NULL OR task_id IN (SELECT id FROM task WHERE created_by = $1))
  AND (cardinality($2::text[]) = 0 OR status = ANY($2))
  AND enqueued_at >= $3 AND enqueued_at < $4
  AND ($5::text = '' OR reason = $5)
  AND ($6::text = '' OR failure ->> 'code' = $6)
  AND ($7::text = '' OR failure ->> 'class' = $7)
  AND ($8::text = '{}' OR task_id IN (SELECT id FROM task WHERE (definition -> 'labels')::jsonb @> $8::jsonb))
  AND (NOT $9::boolean OR NOT EXISTS (SELECT 1 FROM run AS again WHERE again.rerun_of = run.id AND again.status <> 'canceled'));

-- name: ListRuns
SELECT {RunColumns}
FROM run
WHERE {Selected} AND ($10::uuid IS NULL OR id < $10)
ORDER BY id DESC
LIMIT $11 OFFSET $12;

-- name: ListRunsOfTask
SELECT {RunColumns}
FROM run
WHERE task_id = $13 AND {Selected} AND ($10::uuid IS NULL OR id < $10)
ORDER BY id DESC
LIMIT $11 OFFSET $12;

-- name: ListRunsOfRun
SELECT {RunColumns}
FROM run
WHERE parent = $14 AND ($13::uuid IS NULL OR task_id = $13) AND {Selected} AND ($10::uuid IS NULL OR id < $10)
ORDER BY id DESC
LIMIT $11 OFFSET $12;

-- name: CountRuns
SELECT count(*)
FROM run
WHERE {Selected};

-- name: CountRunsOfTask
SELECT count(*)
FROM run
WHERE task_id = $10 AND {Selected};

-- name: CountRunsOfRun
SELECT count(*)
FROM run
WHERE parent = $11 AND ($10::uuid IS NULL OR task_id = $10) AND {Selected};

-- The runs of a range of time have no index of their own, which every run would
-- pay for: the newest are looked at, up to a bound.
-- name: RunStats
SELECT task_id, status, count(*), count(took), coalesce(sum(took), 0)::bigint, max(enqueued_at)
FROM (
  SELECT task_id, status, enqueued_at, (extract(epoch FROM finished_at - started_at) * 1000000)::bigint AS took
  FROM run
  ORDER BY id DESC
  LIMIT $2
) AS newest
WHERE enqueued_at >= $1
GROUP BY task_id, status;

-- name: RunStatsOfTask
SELECT task_id, status, count(*), count(took), coalesce(sum(took), 0)::bigint, max(enqueued_at)
FROM (
  SELECT task_id, status, enqueued_at, (extract(epoch FROM finished_at - started_at) * 1000000)::bigint AS took
  FROM run
  WHERE task_id = $3
  ORDER BY id DESC
  LIMIT $2
) AS newest
WHERE enqueued_at >= $1
GROUP BY task_id, status;

-- Those that ask for the run of a step do so one after the other.
-- name: LockStep
SELECT pg_advisory_xact_lock(hashtextextended($1::text || '/' || $2::text, 1));

-- name: RunMade
SELECT EXISTS (SELECT 1 FROM run WHERE parent = $1 AND parent_step = $2);

-- name: Steps
SELECT step_result.path, status, attempt, tool, input, output, failure, idempotency_key, started_at, finished_at, undoable,
       kind, key, until, calls, answer
FROM step_result
LEFT JOIN wait ON status = 'waiting' AND wait.run_id = step_result.run_id AND wait.path = step_result.path
WHERE step_result.run_id = $1
ORDER BY step_result.position;
