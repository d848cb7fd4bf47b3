-- name: HoldsSuspect
SELECT EXISTS (SELECT 1 FROM live_run WHERE crashes > 0 AND crashes >= $2 AND status = 'running' AND worker = $1);

-- The claims of a worker that may give it a suspect come one after the other.
-- name: LockWorker
SELECT pg_advisory_xact_lock(hashtextextended($1, 2));

-- name: DuePriorities
SELECT p.priority FROM (VALUES (9), (8), (7), (6), (5), (4), (3), (2), (1)) AS p (priority)
WHERE EXISTS (SELECT 1 FROM live_run WHERE status = 'queued' AND NOT blocked AND priority = p.priority AND run_at <= $1);

-- The head of the queue of one priority, without the suspects when the worker is to
-- have no more of them, and without what another claim is about to take.
-- name: QueueHead
SELECT id, coalesce(slot, ''), crashes FROM live_run
WHERE status = 'queued' AND NOT blocked AND priority = $1 AND run_at <= $2 AND crashes < $4
ORDER BY run_at, id
LIMIT $3
FOR UPDATE SKIP LOCKED;

-- name: MakeSlots
INSERT INTO slot (name) SELECT DISTINCT name FROM unnest($1::text[]) AS name ORDER BY name
ON CONFLICT (name) DO NOTHING;

-- name: LockSlots
SELECT name FROM slot WHERE name = ANY($1::text[]) ORDER BY name FOR UPDATE;

-- How many slots of a name are free; fewer than none when a run that allows fewer
-- came after others had begun.
-- name: FreeSlots
SELECT coalesce(min(slots) FILTER (WHERE finished_at IS NULL), 0) - count(*) FILTER (WHERE status = 'running')
FROM live_run
WHERE slot = $1;

-- name: ClaimThese
UPDATE live_run AS r
SET status = 'running', locked_until = $1, worker = $2, fence = fence + 1, claimed_at = $3,
    started_at = coalesce(started_at, $3),
    now = coalesce(r.now, $3),
    task_version = coalesce(task_version, (SELECT version FROM task WHERE task.id = r.task_id))
WHERE id = ANY($4::uuid[])
RETURNING fence, run_at, {ClaimedColumns};

-- name: Block
UPDATE live_run SET blocked = TRUE WHERE id = ANY($1::uuid[]);

-- The best of those that wait for a slot, as many as there are free, and the suspects
-- among them besides. One that somebody else changes just now is left to him.
-- name: Unblock
UPDATE live_run SET blocked = FALSE
WHERE id = ANY(ARRAY(SELECT id FROM live_run WHERE blocked AND slot = $1 AND crashes < $3 ORDER BY priority DESC, run_at, id LIMIT $2 FOR UPDATE SKIP LOCKED))
   OR id = ANY(ARRAY(SELECT id FROM live_run WHERE blocked AND slot = $1 AND crashes >= $3 FOR UPDATE SKIP LOCKED));

-- The slots for which runs wait.
-- name: BlockedSlots
SELECT DISTINCT slot FROM live_run WHERE blocked ORDER BY slot;
