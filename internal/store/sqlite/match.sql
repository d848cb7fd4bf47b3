-- part: LookoutColumns
lookout.number, lookout.expr, lookout.since, lookout.behind, coalesce(lookout.task_id, ''), coalesce(lookout.run_id, ''), coalesce(lookout.path, ''),
       wait.until, task.key, task.created_by, task.version, task.status, task.plan_rev, task.definition;

-- A lookout of which the task or the wait is gone sees nothing.
-- part: LookoutSources
FROM lookout
LEFT JOIN wait ON wait.run_id = lookout.run_id AND wait.path = lookout.path
LEFT JOIN task ON task.id = lookout.task_id;

-- name: Lookouts
SELECT {LookoutColumns}
{LookoutSources}
WHERE lookout.number > ?1
ORDER BY lookout.number;

-- name: LookoutsBehind
SELECT {LookoutColumns}
{LookoutSources}
WHERE lookout.behind IS NOT NULL
ORDER BY lookout.behind
LIMIT 100;

-- name: MatchCursor
SELECT cursor FROM matching;

-- While nobody looks out, nothing is matched and the cursor stands still: then it
-- goes to the end of the log.
-- name: NextLookout
UPDATE matching
SET number = number + 1, cursor = iif(EXISTS (SELECT 1 FROM lookout), cursor, max(cursor, ?1))
RETURNING number, cursor;

-- The position of the newest event that was before a time.
-- name: EventBefore
SELECT coalesce((SELECT seq FROM event WHERE at < ?1 ORDER BY seq DESC LIMIT 1), 0);

-- A task that is edited goes on from where it was.
-- name: SaveTrigger
INSERT INTO lookout (number, expr, since, behind, task_id) VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT (task_id) DO UPDATE SET number = excluded.number, expr = excluded.expr;

-- name: DropTrigger
DELETE FROM lookout WHERE task_id = ?1;

-- A step that waits for the same event as before goes on waiting.
-- name: SaveEventWait
INSERT INTO lookout (number, expr, since, behind, run_id, path) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
ON CONFLICT (run_id, path) DO UPDATE
SET number = excluded.number, expr = excluded.expr, since = excluded.since, behind = excluded.behind
WHERE lookout.expr <> excluded.expr;

-- name: DropLookout
DELETE FROM lookout WHERE number = ?1;

-- name: AdvanceMatch
UPDATE matching SET cursor = ?2 WHERE cursor = ?1;

-- Those that a decision did not know of look back.
-- name: LeaveBehind
UPDATE lookout SET behind = max(since, ?1)
WHERE number > ?3 AND behind IS NULL AND since < ?2;

-- name: LookBack
UPDATE lookout SET behind = iif(?3 >= (SELECT cursor FROM matching), NULL, ?3)
WHERE number = ?1 AND behind = ?2;

-- name: LooksOut
SELECT EXISTS (SELECT 1 FROM lookout WHERE number = ?1 AND (behind IS NULL OR ?2));

-- name: TriggeredBefore
SELECT EXISTS (SELECT 1 FROM run WHERE task_id = ?1 AND event_seq = ?2);

-- name: SetEvent
UPDATE run SET event = ?2, event_seq = nullif(?3, 0), gather = ?4, gathered = ?5, depth = ?6 WHERE id = ?1;

-- The run of a task that still gathers such events.
-- name: Gathering
SELECT id, enqueued_at, gathered, length(CAST(event AS BLOB))
FROM run
WHERE task_id = ?1 AND gather = ?2 AND started_at IS NULL AND finished_at IS NULL AND status IN ('queued', 'parked')
ORDER BY id DESC
LIMIT 1;

-- name: GatherEvent
UPDATE run
SET event = substr(event, 1, length(event) - 1) || ',' || ?2 || ']', gathered = gathered + 1, run_at = ?3, scheduled_for = ?3
WHERE id = ?1;

-- name: UnfinishedRuns
SELECT count(*), count(*) FILTER (WHERE status = 'parked') FROM run WHERE task_id = ?1 AND finished_at IS NULL;

-- Several events may be of one instant.
-- name: InsertEventGap
INSERT INTO gap (task_id, first, last, count, more, reason) VALUES (?1, ?2, ?2, 1, 0, ?3)
ON CONFLICT (task_id, first) DO UPDATE SET count = count + 1 WHERE reason = excluded.reason;
