-- part: LookoutColumns
lookout.number, lookout.expr, lookout.since, lookout.behind, lookout.task_id::text, lookout.run_id::text, lookout.path,
       wait.until, task.key, task.created_by::text, task.version, task.status, task.plan_rev, task.definition;

-- A lookout of which the task or the wait is gone sees nothing. Each is looked up by
-- itself, however many lookouts the planner believes in.
-- part: LookoutSources
FROM lookout
LEFT JOIN LATERAL (SELECT * FROM wait WHERE run_id = lookout.run_id AND path = lookout.path LIMIT 1) AS wait ON TRUE
LEFT JOIN LATERAL (SELECT * FROM task WHERE id = lookout.task_id LIMIT 1) AS task ON TRUE;

-- name: Lookouts
SELECT {LookoutColumns}
{LookoutSources}
WHERE lookout.number > $1
ORDER BY lookout.number;

-- name: LookoutsBehind
SELECT {LookoutColumns}
{LookoutSources}
WHERE lookout.behind IS NOT NULL
ORDER BY lookout.behind
LIMIT 100;

-- name: MatchCursor
SELECT cursor FROM matching;

-- name: LockMatching
SELECT FROM matching FOR UPDATE;

-- While nobody looks out, nothing is matched and the cursor stands still: then it
-- goes to the end of the log.
-- name: NextLookout
UPDATE matching
SET number = number + 1, cursor = CASE WHEN EXISTS (SELECT FROM lookout) THEN cursor ELSE greatest(cursor, $1::bigint) END
RETURNING number, cursor;

-- The position of the newest event that was before a time.
-- name: EventBefore
SELECT coalesce((SELECT seq FROM event WHERE at < $1 ORDER BY seq DESC LIMIT 1), 0);

-- A task that is edited goes on from where it was.
-- name: SaveTrigger
INSERT INTO lookout (number, expr, since, behind, task_id) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (task_id) DO UPDATE SET number = excluded.number, expr = excluded.expr;

-- name: DropTrigger
DELETE FROM lookout WHERE task_id = $1;

-- A step that waits for the same event as before goes on waiting.
-- name: SaveEventWait
INSERT INTO lookout (number, expr, since, behind, run_id, path) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (run_id, path) DO UPDATE
SET number = excluded.number, expr = excluded.expr, since = excluded.since, behind = excluded.behind
WHERE lookout.expr <> excluded.expr;

-- name: DropLookout
DELETE FROM lookout WHERE number = $1;

-- name: AdvanceMatch
UPDATE matching SET cursor = $2 WHERE cursor = $1;

-- Those that a decision did not know of look back.
-- name: LeaveBehind
UPDATE lookout SET behind = greatest(since, $1)
WHERE number > $3 AND behind IS NULL AND since < $2;

-- name: LookBack
UPDATE lookout SET behind = CASE WHEN $3 >= (SELECT cursor FROM matching) THEN NULL ELSE $3::bigint END
WHERE number = $1 AND behind = $2;

-- name: LooksOut
SELECT EXISTS (SELECT FROM lookout WHERE number = $1 AND (behind IS NULL OR $2::boolean));

-- name: MarkTriggered
INSERT INTO triggered (seq, task_id) VALUES ($2, $1) ON CONFLICT DO NOTHING;

-- What nobody looks back to any more is forgotten.
-- name: PruneTriggered
DELETE FROM triggered
WHERE seq < least((SELECT cursor FROM matching), (SELECT min(behind) FROM lookout WHERE behind IS NOT NULL)) - 10000;

-- The run of a task that still gathers such events.
-- name: Gathering
SELECT run.id, run.enqueued_at, gathering.gathered, octet_length(run.event)
FROM gathering
JOIN live_run AS run ON run.id = gathering.run_id
WHERE gathering.task_id = $1 AND gathering.per = $2 AND run.started_at IS NULL AND run.status IN ('queued', 'parked')
FOR NO KEY UPDATE OF run;

-- name: GatherEvent
WITH counted AS (
  UPDATE gathering SET gathered = gathered + 1 WHERE run_id = $1
)
UPDATE live_run
SET event = left(event, -1) || ',' || $2::text || ']', run_at = $3, scheduled_for = $3
WHERE id = $1;

-- name: SaveGathering
INSERT INTO gathering (task_id, per, run_id, since, gathered) VALUES ($1, $2, $3, $4, 1)
ON CONFLICT (task_id, per) DO UPDATE SET run_id = excluded.run_id, since = excluded.since, gathered = 1;

-- name: PruneGatherings
DELETE FROM gathering AS old
WHERE since < $1 AND NOT coalesce((SELECT started_at IS NULL FROM live_run WHERE id = old.run_id), FALSE);

-- name: UnfinishedRuns
SELECT count(*), count(*) FILTER (WHERE status = 'parked') FROM live_run WHERE task_id = $1;

-- Several events may be of one instant.
-- name: InsertEventGap
INSERT INTO gap (task_id, first, last, count, more, reason) VALUES ($1, $2, $2, 1, FALSE, $3)
ON CONFLICT (task_id, first) DO UPDATE SET count = gap.count + 1 WHERE gap.reason = excluded.reason;
