-- Whether any run that has not ended needs a slot, or is a suspect.
-- name: SomeNeedCare
SELECT EXISTS (SELECT 1 FROM run WHERE slot IS NOT NULL AND finished_at IS NULL)
    OR EXISTS (SELECT 1 FROM run WHERE crashes > 0 AND status IN ('queued', 'running') AND crashes >= ?1);

-- The head of the queue of one priority, without the suspects when the worker is to
-- have no more of them. The index tells them apart.
-- name: QueueHead
SELECT rowid, coalesce(slot, ''), crashes FROM run
WHERE status = 'queued' AND blocked = 0 AND priority = ?1 AND run_at <= ?2 AND crashes < ?4
ORDER BY run_at
LIMIT ?3;

-- How many slots of a name are free; fewer than none when a run that allows fewer
-- came after others had begun.
-- name: FreeSlots
SELECT coalesce((SELECT min(slots) FROM run WHERE slot = ?1 AND finished_at IS NULL), 0)
     - (SELECT count(*) FROM run WHERE slot = ?1 AND status = 'running');

-- name: ClaimThese
UPDATE run
SET status = 'running', locked_until = ?1, worker = ?2, fence = fence + 1, claimed_at = ?3,
    started_at = coalesce(started_at, ?3),
    now = coalesce(now, ?3),
    task_version = coalesce(task_version, (SELECT version FROM task WHERE task.id = run.task_id))
WHERE rowid IN (SELECT value FROM json_each(?4))
RETURNING fence, run_at, {RunColumns};

-- name: Block
UPDATE run SET blocked = 1 WHERE rowid IN (SELECT value FROM json_each(?1));

-- The best of those that wait for a slot, as many as there are free, and the suspects
-- among them besides.
-- name: Unblock
UPDATE run SET blocked = 0
WHERE rowid IN (SELECT rowid FROM run WHERE blocked = 1 AND slot = ?1 AND crashes < ?3 ORDER BY priority DESC, run_at LIMIT ?2)
   OR rowid IN (SELECT rowid FROM run
                WHERE crashes > 0 AND status IN ('queued', 'running') AND crashes >= ?3 AND +blocked = 1 AND +slot = ?1);
