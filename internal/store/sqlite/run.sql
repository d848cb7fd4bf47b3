-- A run takes its slots and what it must not do twice from its task, and its priority unless it brings its own.
-- name: InsertRun
INSERT INTO run (id, task_id, trigger, nominal, scheduled_for, run_at, enqueued_at, status, priority, params, plan_rev, slot, slots, dedupe)
SELECT ?1, id, ?3, ?4, ?5, ?5, ?6, ?7, coalesce(nullif(?8, 0), priority), ?9, plan_rev, slot, slots, dedupe
FROM task
WHERE id = ?2;

-- name: Run
SELECT id, task_id, task_version, trigger, nominal, scheduled_for, enqueued_at,
       claimed_at, started_at, finished_at, status, iif(blocked, 'concurrency', reason), failures, priority, worker,
       now, worked_ns, params, output, failure, plan_rev, cancel
FROM run
WHERE id = ?1;

-- name: ListRuns
SELECT id, task_id, task_version, trigger, nominal, scheduled_for, enqueued_at,
       claimed_at, started_at, finished_at, status, iif(blocked, 'concurrency', reason), failures, priority, worker,
       now, worked_ns, params, output, failure, plan_rev, cancel
FROM run
WHERE (?1 = '' OR task_id IN (SELECT id FROM task WHERE created_by = ?1))
  AND (?2 = '' OR status = ?2)
  AND enqueued_at >= ?3 AND enqueued_at < ?4
  AND id < coalesce(nullif(?5, ''), '~')
ORDER BY id DESC
LIMIT ?6 OFFSET ?7;

-- name: ListRunsOfTask
SELECT id, task_id, task_version, trigger, nominal, scheduled_for, enqueued_at,
       claimed_at, started_at, finished_at, status, iif(blocked, 'concurrency', reason), failures, priority, worker,
       now, worked_ns, params, output, failure, plan_rev, cancel
FROM run
WHERE task_id = ?8
  AND (?1 = '' OR task_id IN (SELECT id FROM task WHERE created_by = ?1))
  AND (?2 = '' OR status = ?2)
  AND enqueued_at >= ?3 AND enqueued_at < ?4
  AND id < coalesce(nullif(?5, ''), '~')
ORDER BY id DESC
LIMIT ?6 OFFSET ?7;

-- name: CountRuns
SELECT count(*)
FROM run
WHERE (?1 = '' OR task_id IN (SELECT id FROM task WHERE created_by = ?1))
  AND (?2 = '' OR status = ?2)
  AND enqueued_at >= ?3 AND enqueued_at < ?4;

-- name: CountRunsOfTask
SELECT count(*)
FROM run
WHERE task_id = ?5
  AND (?1 = '' OR task_id IN (SELECT id FROM task WHERE created_by = ?1))
  AND (?2 = '' OR status = ?2)
  AND enqueued_at >= ?3 AND enqueued_at < ?4;

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

-- name: Steps
SELECT path, status, attempt, tool, input, output, failure, idempotency_key, started_at, finished_at
FROM step_result
WHERE run_id = ?1
ORDER BY position;
