-- The priorities at which something is due.
-- name: DuePriorities
SELECT p.value FROM json_each('[9, 8, 7, 6, 5, 4, 3, 2, 1]') AS p
WHERE EXISTS (SELECT 1 FROM run WHERE status = 'queued' AND blocked = 0 AND priority = p.value AND run_at <= ?1);

-- A claim asks priority by priority, so that it reads the head of one range of
-- run_queue and never what is not yet due, however much of it there is.
-- name: Claim
UPDATE run
SET status = 'running', locked_until = ?1, worker = ?2, fence = fence + 1, claimed_at = ?3,
    started_at = coalesce(started_at, ?3),
    now = coalesce(now, ?3),
    task_version = coalesce(task_version, (SELECT version FROM task WHERE task.id = run.task_id))
WHERE rowid IN (
  SELECT rowid FROM run
  WHERE status = 'queued' AND blocked = 0 AND priority = ?4 AND run_at <= ?3
  ORDER BY run_at
  LIMIT ?5
)
RETURNING fence, run_at, {RunColumns};

-- name: NextRun
SELECT min(at) FROM (
  SELECT (SELECT min(run_at) FROM run
          WHERE status = 'queued' AND blocked = 0 AND priority = p.value AND run_at > ?1) AS at
  FROM json_each('[1, 2, 3, 4, 5, 6, 7, 8, 9]') AS p
);

-- name: Renew
UPDATE run SET locked_until = ?5
WHERE id = ?1 AND fence = ?2 AND worker = ?3 AND locked_until > ?4;

-- The oldest parked run of a task, when the task has no other that is unfinished.
-- name: ReleaseParked
UPDATE run SET status = 'queued'
WHERE id = (SELECT id FROM run WHERE task_id = ?1 AND status = 'parked' ORDER BY id LIMIT 1)
  AND NOT EXISTS (SELECT 1 FROM run WHERE task_id = ?1 AND finished_at IS NULL AND status <> 'parked');

-- name: SomeBehind
SELECT EXISTS (SELECT 1 FROM run WHERE status = 'parked') OR EXISTS (SELECT 1 FROM run WHERE blocked = 1);

-- What a run has for which others wait: its task, its slot.
-- name: WaitedFor
SELECT iif(EXISTS (SELECT 1 FROM run AS p WHERE p.task_id = run.task_id AND p.status = 'parked'), task_id, ''),
       iif(EXISTS (SELECT 1 FROM run AS b WHERE b.slot = run.slot AND b.blocked = 1), slot, '')
FROM run
WHERE id = ?1;

-- Each part counts along the index of its few rows.
-- name: Backlog
SELECT count(*) FILTER (WHERE run_at <= ?1), count(*) FILTER (WHERE run_at > ?1),
       (SELECT count(*) FROM run WHERE status = 'parked') + (SELECT count(*) FROM run WHERE blocked = 1),
       (SELECT count(*) FROM run WHERE status = 'running'),
       (SELECT count(*) FROM run WHERE status = 'waiting'),
       min(run_at) FILTER (WHERE run_at <= ?1)
FROM run
WHERE status = 'queued' AND blocked = 0;
