-- name: InsertTask
INSERT INTO task (id, key, created_by, version, status, created_at, updated_at,
                  kind, priority, definition, anchor, cursor, plan_rev, next_fire_at, snooze, slot, slots, dedupe, dedupe_window)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, nullif(?, ''), ?, nullif(?, ''), ?);

-- name: InsertVersion
INSERT INTO task_version (task_id, version, definition) VALUES (?, ?, ?);

-- name: Definition
SELECT definition FROM task_version WHERE task_id = ?1 AND version = ?2;

-- name: UnfinishedTasks
SELECT unfinished FROM agent WHERE id = ?1;

-- name: UpdateTask
UPDATE task
SET key = ?1, version = ?2, status = ?3, updated_at = ?4, kind = ?5, priority = ?6, definition = ?7,
    anchor = ?8, cursor = ?9, plan_rev = ?10, next_fire_at = ?11, snooze = ?12,
    slot = nullif(?13, ''), slots = ?14, dedupe = nullif(?15, ''), dedupe_window = ?16
WHERE id = ?17 AND version = ?18 AND plan_rev = ?19 AND cursor = ?20 AND status = ?21;

-- name: TaskByID
SELECT id, key, created_by, version, status, created_at, updated_at,
       definition, anchor, cursor, plan_rev, next_fire_at, snooze
FROM task
WHERE id = ?1;

-- The task that has the key now goes before those that had it and were canceled.
-- name: TaskByKey
SELECT id, key, created_by, version, status, created_at, updated_at,
       definition, anchor, cursor, plan_rev, next_fire_at, snooze
FROM task
WHERE created_by = ?1 AND key = ?2
ORDER BY status = 'canceled', id DESC
LIMIT 1;

-- name: ListTasks
SELECT id, key, created_by, version, status, created_at, updated_at,
       definition, anchor, cursor, plan_rev, next_fire_at, snooze
FROM task
WHERE (?1 = '' OR created_by = ?1)
  AND (?2 = '' OR status = ?2)
  AND (?3 = '' OR kind = ?3)
  AND NOT EXISTS (
    SELECT 1 FROM json_each(?4) AS want
    WHERE NOT EXISTS (
      SELECT 1 FROM json_each(task.definition, '$.labels') AS has
      WHERE has.key = want.key AND has.value = want.value
    )
  )
  AND id < coalesce(nullif(?5, ''), '~')
ORDER BY id DESC
LIMIT ?6 OFFSET ?7;

-- name: CountTasks
SELECT count(*)
FROM task
WHERE (?1 = '' OR created_by = ?1)
  AND (?2 = '' OR status = ?2)
  AND (?3 = '' OR kind = ?3)
  AND NOT EXISTS (
    SELECT 1 FROM json_each(?4) AS want
    WHERE NOT EXISTS (
      SELECT 1 FROM json_each(task.definition, '$.labels') AS has
      WHERE has.key = want.key AND has.value = want.value
    )
  );

-- Runs that no worker holds and that an edit overtook.
-- name: WithdrawRuns
UPDATE run
SET status = 'canceled', reason = ?2, finished_at = ?3, blocked = 0
WHERE task_id = ?1 AND finished_at IS NULL AND status <> 'running' AND ending IS NULL
  AND (started_at IS NULL OR ?4)
  AND (trigger = 'schedule' OR ?5)
RETURNING id, task_id, coalesce(slot, ''), status, reason, waits, parent <> '', started_at IS NOT NULL;
