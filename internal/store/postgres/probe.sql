-- part: ProbeColumns
probe.task_id, probe.version, probe.basis, probe.holds, probe.since, probe.looked_at, probe.next_at, probe.failures, probe.failure, probe.fence;

-- part: Conditions
FROM task
LEFT JOIN probe ON probe.task_id = task.id
WHERE task.kind = 'condition' AND task.status = 'active';

-- When a condition is looked at next. One whose task was changed is looked at anew.
-- part: Due
CASE WHEN probe.version = task.version THEN probe.next_at ELSE to_timestamp(0) END;

-- name: NextProbe
SELECT min(greatest(coalesce(probe.lease_until, to_timestamp(0)), {Due}))
{Conditions};

-- Of several who claim the same, the first has it: the others see its lease.
-- name: ClaimProbes
INSERT INTO probe (task_id, fence, lease_until)
SELECT task.id, 1, $2
{Conditions}
  AND coalesce(probe.lease_until, to_timestamp(0)) <= $1
  AND {Due} <= $1
ORDER BY task.id
LIMIT $3
ON CONFLICT (task_id) DO UPDATE SET fence = probe.fence + 1, lease_until = excluded.lease_until
WHERE coalesce(probe.lease_until, to_timestamp(0)) <= $1
RETURNING {ProbeColumns};

-- The task, before the runs that it makes.
-- name: LockCondition
SELECT id FROM task WHERE id = $1 FOR UPDATE;

-- name: SettleProbe
UPDATE probe
SET lease_until = NULL, version = $3, basis = $4, holds = $5, since = $6, looked_at = $7, next_at = $8, failures = $9, failure = $10
WHERE task_id = $1 AND fence = $2 AND lease_until IS NOT NULL
  AND EXISTS (SELECT FROM task WHERE id = $1 AND status = 'active' AND version = $3);

-- name: DropProbe
UPDATE probe SET lease_until = NULL WHERE task_id = $1 AND fence = $2;

-- name: Probe
SELECT {ProbeColumns} FROM probe WHERE task_id = $1;
