-- name: InsertTask
INSERT INTO task (id, key, created_by, version, status, created_at, updated_at,
                  kind, priority, definition, anchor, cursor, plan_rev, next_fire_at, snooze, slot, slots, dedupe, dedupe_window)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19);

-- name: InsertVersion
INSERT INTO task_version (task_id, version, definition) VALUES ($1, $2, $3);

-- name: Definition
SELECT definition FROM task_version WHERE task_id = $1 AND version = $2;

-- Who makes a task holds its agent, so that no other's is made between the count
-- and the insert.
-- name: HoldAgent
SELECT id FROM agent WHERE id = $1 FOR NO KEY UPDATE;

-- How many unfinished tasks the agent has, counted up to a bound.
-- name: UnfinishedTasks
SELECT count(*)
FROM (SELECT FROM task WHERE created_by = $1 AND status IN ('active', 'paused') LIMIT $2) AS unfinished;

-- name: UpdateTask
UPDATE task
SET key = $1, version = $2, status = $3, updated_at = $4, kind = $5, priority = $6, definition = $7,
    anchor = $8, cursor = $9, plan_rev = $10, next_fire_at = $11, snooze = $12,
    slot = $13, slots = $14, dedupe = $15, dedupe_window = $16
WHERE id = $17 AND version = $18 AND plan_rev = $19 AND cursor = $20 AND status = $21;

-- part: TaskColumns
task.id, task.key, task.created_by, task.version, task.status, task.created_at, task.updated_at,
       task.definition, task.anchor, task.cursor, task.plan_rev, task.next_fire_at, task.snooze;

-- name: TaskByID
SELECT {TaskColumns}
FROM task
WHERE id = $1;

-- The task that has the key now goes before those that had it and were canceled.
-- name: TaskByKey
SELECT {TaskColumns}
FROM task
WHERE created_by = $1 AND key = $2
ORDER BY status = 'canceled', id DESC
LIMIT 1;

-- What a filter selects by, on all its pages.
-- part: SelectedTasks
($1::uuid IS NULL OR created_by = $1)
  AND ($2 = '' OR status = $2)
  AND ($3 = '' OR kind = $3)
  AND NOT EXISTS (
    SELECT FROM json_each_text($4) AS want
    WHERE NOT EXISTS (
      SELECT FROM json_each_text(task.definition -> 'labels') AS has
      WHERE has.key = want.key AND has.value = want.value
    )
  );

-- name: ListTasks
SELECT {TaskColumns}
FROM task
WHERE {SelectedTasks}
  AND ($5::uuid IS NULL OR id < $5)
ORDER BY id DESC
LIMIT $6 OFFSET $7;

-- name: CountTasks
SELECT count(*)
FROM task
WHERE {SelectedTasks};

-- Runs that no worker holds and that an edit overtook.
-- name: WithdrawRuns
UPDATE live_run
SET status = 'canceled', reason = $2, finished_at = $3, blocked = FALSE
WHERE id = ANY(ARRAY(SELECT id FROM live_run WHERE task_id = $1 AND status <> 'running' ORDER BY id FOR UPDATE))
  AND status <> 'running' AND ending IS NULL
  AND (started_at IS NULL OR $4::boolean)
  AND (trigger = 'schedule' OR $5::boolean)
RETURNING {Stopped}, started_at IS NOT NULL;
