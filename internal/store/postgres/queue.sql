-- The head of the queue, priority by priority, so that a claim reads the head of
-- one range of live_run_queue after the other and never what is not yet due, however
-- much of it there is. When a run is due that needs care, nothing is taken here.
-- name: Claim
WITH head AS MATERIALIZED (
  SELECT h.id
  FROM (VALUES (9), (8), (7), (6), (5), (4), (3), (2), (1)) AS p (priority)
  CROSS JOIN LATERAL (
    SELECT id FROM live_run
    WHERE status = 'queued' AND NOT blocked AND priority = p.priority AND run_at <= $3 AND slot IS NULL AND crashes = 0
    ORDER BY run_at, id
    LIMIT $4
    FOR UPDATE SKIP LOCKED
  ) AS h
  WHERE NOT EXISTS (
    SELECT 1 FROM live_run WHERE status = 'queued' AND NOT blocked AND (slot IS NOT NULL OR crashes > 0) AND run_at <= $3
  )
  LIMIT $4
)
UPDATE live_run AS r
SET status = 'running', locked_until = $1, worker = $2, fence = fence + 1, claimed_at = $3,
    started_at = coalesce(started_at, $3),
    now = coalesce(r.now, $3),
    task_version = coalesce(task_version, (SELECT version FROM task WHERE task.id = r.task_id))
FROM head
WHERE r.id = head.id
RETURNING fence, run_at, {ClaimedColumns};

-- part: ClaimedColumns
r.id, task_id, task_version, trigger, nominal, scheduled_for, enqueued_at,
       claimed_at, started_at, finished_at, status, CASE WHEN blocked THEN 'concurrency' ELSE reason END, failures, priority, worker,
       r.now, worked_ns, params, output, failure, plan_rev, coalesce(cancel, ''),
       ending, crashes, coalesce(rerun_of::text, ''), coalesce(parent::text, ''), parent_step, depth, event;

-- When the next run will be due, and whether one that is due needs care: a slot, or
-- to be the only suspect of its worker.
-- name: AfterClaim
SELECT (SELECT min(next.run_at) FROM (VALUES (9), (8), (7), (6), (5), (4), (3), (2), (1)) AS p (priority)
        CROSS JOIN LATERAL (
          SELECT run_at FROM live_run
          WHERE status = 'queued' AND NOT blocked AND priority = p.priority AND run_at > $1
          ORDER BY run_at, id
          LIMIT 1
        ) AS next),
       EXISTS (
         SELECT 1 FROM live_run
         WHERE status = 'queued' AND NOT blocked AND (slot IS NOT NULL OR crashes > 0) AND run_at <= $1
       );

-- name: Renew
UPDATE live_run AS r SET locked_until = $5
FROM unnest($1::uuid[], $2::bigint[], $3::text[]) AS l (id, fence, worker)
WHERE r.id = l.id AND r.fence = l.fence AND r.worker = l.worker AND r.locked_until > $4
RETURNING r.id;

-- The oldest parked run of each task that has no other that is unfinished.
-- name: ReleaseParked
UPDATE live_run SET status = 'queued'
WHERE id IN (
  SELECT DISTINCT ON (task_id) id FROM live_run
  WHERE task_id = ANY($1::uuid[]) AND status = 'parked'
  ORDER BY task_id, id
) AND NOT EXISTS (SELECT 1 FROM live_run AS o WHERE o.task_id = live_run.task_id AND o.status <> 'parked')
RETURNING id;

-- Whoever releases parked runs holds them first, so that of two that end at once
-- the second sees that the first has ended.
-- name: LockParked
SELECT task_id FROM live_run
WHERE task_id = ANY($1::uuid[]) AND status = 'parked'
ORDER BY id
FOR UPDATE;

-- Whoever parks a run keeps those before it from ending unseen.
-- name: LockUnfinished
SELECT id FROM live_run
WHERE task_id = $1 AND status <> 'parked'
ORDER BY id
FOR KEY SHARE;

-- Each part counts along the index of its few rows.
-- name: Backlog
SELECT c.now,
       (SELECT count(*) FROM live_run WHERE status = 'queued' AND NOT blocked AND run_at <= c.now),
       (SELECT count(*) FROM live_run WHERE status = 'queued' AND NOT blocked AND run_at > c.now),
       (SELECT count(*) FROM live_run WHERE status = 'parked') + (SELECT count(*) FROM live_run WHERE blocked),
       (SELECT count(*) FROM live_run WHERE status = 'running'),
       (SELECT count(*) FROM live_run WHERE status = 'waiting'),
       (SELECT min(run_at) FROM live_run WHERE status = 'queued' AND NOT blocked AND run_at <= c.now)
FROM (SELECT ordinaut.clock() AS now OFFSET 0) AS c;
