-- Whether any task has a dedupe key.
-- name: SomeDedupe
SELECT EXISTS (SELECT 1 FROM task WHERE dedupe IS NOT NULL);

-- Whether a run with the dedupe key of a task was made within its window. One that
-- was withdrawn before it started has done nothing.
-- name: Duplicate
SELECT EXISTS (
  SELECT 1 FROM run
  WHERE dedupe = task.dedupe AND enqueued_at > ?2 - dedupe_window
    AND NOT (status = 'canceled' AND started_at IS NULL)
)
FROM task
WHERE id = ?1 AND dedupe IS NOT NULL;

-- What has an outcome keeps it.
-- name: InsertDuplicate
INSERT INTO gap (task_id, first, last, count, more, reason)
SELECT ?1, ?2, ?2, 1, 0, 'duplicate'
WHERE NOT EXISTS (SELECT 1 FROM occurrence WHERE task_id = ?1 AND nominal = ?2)
ON CONFLICT (task_id, first) DO NOTHING;
