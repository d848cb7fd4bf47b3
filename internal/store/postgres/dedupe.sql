-- Runs that may do the same thing are made one after the other: it answers with a row
-- when the task has a dedupe key, and the key is locked.
-- name: LockDedupe
SELECT pg_advisory_xact_lock(hashtextextended(dedupe, 3)) FROM task
WHERE id = $1 AND dedupe IS NOT NULL;

-- Whether a run with the dedupe key of a task was made within its window. One that
-- was withdrawn before it started has done nothing.
-- name: Duplicate
SELECT EXISTS (
  SELECT 1 FROM run
  WHERE run.dedupe = task.dedupe AND enqueued_at > $2::timestamptz - dedupe_window
    AND NOT (run.status = 'canceled' AND started_at IS NULL)
)
FROM task
WHERE id = $1 AND dedupe IS NOT NULL;

-- What has an outcome keeps it.
-- name: InsertDuplicate
INSERT INTO gap (task_id, first, last, count, more, reason)
SELECT $1, $2, $2, 1, FALSE, 'duplicate'
WHERE NOT EXISTS (SELECT 1 FROM occurrence WHERE task_id = $1 AND nominal = $2)
ON CONFLICT (task_id, first) DO NOTHING;
