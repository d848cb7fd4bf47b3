-- A run takes its priority from its task, unless it brings its own.
-- name: InsertRun
INSERT INTO run (id, task_id, trigger, nominal, scheduled_for, run_at, enqueued_at, status, priority, params, plan_rev)
SELECT ?1, id, ?3, ?4, ?5, ?5, ?6, ?7, coalesce(nullif(?8, 0), priority), ?9, plan_rev
FROM task
WHERE id = ?2;

-- name: Run
SELECT id, task_id, task_version, trigger, nominal, scheduled_for, enqueued_at,
       claimed_at, started_at, finished_at, status, reason, failures, priority, worker,
       now, worked_ns, params, output, failure, plan_rev
FROM run
WHERE id = ?1;

-- name: ListRuns
SELECT id, task_id, task_version, trigger, nominal, scheduled_for, enqueued_at,
       claimed_at, started_at, finished_at, status, reason, failures, priority, worker,
       now, worked_ns, params, output, failure, plan_rev
FROM run
WHERE (?1 = '' OR task_id IN (SELECT id FROM task WHERE created_by = ?1))
  AND (?2 = '' OR status = ?2)
  AND id < coalesce(nullif(?3, ''), '~')
ORDER BY id DESC
LIMIT ?4 OFFSET ?5;

-- name: ListRunsOfTask
SELECT id, task_id, task_version, trigger, nominal, scheduled_for, enqueued_at,
       claimed_at, started_at, finished_at, status, reason, failures, priority, worker,
       now, worked_ns, params, output, failure, plan_rev
FROM run
WHERE task_id = ?6
  AND (?1 = '' OR task_id IN (SELECT id FROM task WHERE created_by = ?1))
  AND (?2 = '' OR status = ?2)
  AND id < coalesce(nullif(?3, ''), '~')
ORDER BY id DESC
LIMIT ?4 OFFSET ?5;

-- name: CountRuns
SELECT count(*)
FROM run
WHERE (?1 = '' OR task_id IN (SELECT id FROM task WHERE created_by = ?1))
  AND (?2 = '' OR status = ?2);

-- name: CountRunsOfTask
SELECT count(*)
FROM run
WHERE task_id = ?3
  AND (?1 = '' OR task_id IN (SELECT id FROM task WHERE created_by = ?1))
  AND (?2 = '' OR status = ?2);

-- name: Steps
SELECT path, status, attempt, tool, input, output, failure, idempotency_key, started_at, finished_at
FROM step_result
WHERE run_id = ?1
ORDER BY position;
