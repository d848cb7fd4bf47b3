-- A run takes its slots and what it must not do twice from its task, and its priority unless it brings its own.
-- name: InsertRun
INSERT INTO run (id, task_id, trigger, nominal, scheduled_for, run_at, enqueued_at, status, priority, params, plan_rev, slot, slots, dedupe)
SELECT ?1, id, ?3, ?4, ?5, ?5, ?6, ?7, coalesce(nullif(?8, 0), priority), ?9, plan_rev, slot, slots, dedupe
FROM task
WHERE id = ?2;

-- What a run has from the one that it repeats, or that asked for it.
-- name: Inherit
UPDATE run
SET task_version = nullif(?2, 0), now = ?3, rerun_of = ?4, parent = ?5, parent_step = ?6, depth = ?7
WHERE id = ?1;

-- part: RunColumns
id, task_id, task_version, trigger, nominal, scheduled_for, enqueued_at,
       claimed_at, started_at, finished_at, status, iif(blocked, 'concurrency', reason), failures, priority, worker,
       now, worked_ns, params, output, failure, plan_rev, cancel,
       ending, crashes, rerun_of, parent, parent_step, depth, event;

-- name: Run
SELECT {RunColumns}
FROM run
WHERE id = ?1;

-- What a filter selects by, on all its pages.
-- part: Selected
(?1 = '' OR task_id IN (SELECT id FROM task WHERE created_by = ?1))
  AND (?2 = '[]' OR status IN (SELECT value FROM json_each(?2)))
  AND enqueued_at >= ?3 AND enqueued_at < ?4
  AND (?5 = '' OR reason = ?5)
  AND (?6 = '' OR failure ->> '$.code' = ?6)
  AND (?7 = '' OR failure ->> '$.class' = ?7)
  AND (?8 = '{}' OR task_id IN (SELECT id FROM task WHERE NOT EXISTS (
    SELECT 1 FROM json_each(?8) AS want
    WHERE NOT EXISTS (
      SELECT 1 FROM json_each(task.definition, '$.labels') AS has
      WHERE has.key = want.key AND has.value = want.value
    )
  )))
  AND (NOT ?9 OR NOT EXISTS (SELECT 1 FROM run AS again WHERE again.rerun_of = run.id AND again.rerun_of <> '' AND again.status <> 'canceled'));

-- name: ListRuns
SELECT {RunColumns}
FROM run
WHERE {Selected} AND id < coalesce(nullif(?10, ''), '~')
ORDER BY id DESC
LIMIT ?11 OFFSET ?12;

-- name: ListRunsOfTask
SELECT {RunColumns}
FROM run
WHERE task_id = ?13 AND {Selected} AND id < coalesce(nullif(?10, ''), '~')
ORDER BY id DESC
LIMIT ?11 OFFSET ?12;

-- name: ListRunsOfRun
SELECT {RunColumns}
FROM run
WHERE parent = ?14 AND parent <> '' AND (?13 = '' OR task_id = ?13) AND {Selected} AND id < coalesce(nullif(?10, ''), '~')
ORDER BY id DESC
LIMIT ?11 OFFSET ?12;

-- name: CountRuns
SELECT count(*)
FROM run
WHERE {Selected};

-- name: CountRunsOfTask
SELECT count(*)
FROM run
WHERE task_id = ?10 AND {Selected};

-- name: CountRunsOfRun
SELECT count(*)
FROM run
WHERE parent = ?11 AND parent <> '' AND (?10 = '' OR task_id = ?10) AND {Selected};

-- The runs of a range of time have no index of their own, which every run would
-- pay for: the newest are looked at, up to a bound.
-- name: RunStats
SELECT task_id, status, count(*), count(took), coalesce(sum(took), 0), max(enqueued_at)
FROM (
  SELECT task_id, status, enqueued_at, finished_at - started_at AS took
  FROM run
  ORDER BY id DESC
  LIMIT ?2
)
WHERE enqueued_at >= ?1
GROUP BY task_id, status;

-- name: RunStatsOfTask
SELECT task_id, status, count(*), count(took), coalesce(sum(took), 0), max(enqueued_at)
FROM (
  SELECT task_id, status, enqueued_at, finished_at - started_at AS took
  FROM run
  WHERE task_id = ?3
  ORDER BY id DESC
  LIMIT ?2
)
WHERE enqueued_at >= ?1
GROUP BY task_id, status;

-- name: RunMade
SELECT EXISTS (SELECT 1 FROM run WHERE parent = ?1 AND parent_step = ?2 AND parent <> '');

-- name: Steps
SELECT step_result.path, status, attempt, tool, input, output, failure, idempotency_key, started_at, finished_at, undoable,
       kind, key, until, calls, answer
FROM step_result
LEFT JOIN wait ON status = 'waiting' AND wait.run_id = step_result.run_id AND wait.path = step_result.path
WHERE step_result.run_id = ?1
ORDER BY step_result.position;
