-- part: ProbeColumns
task_id, version, basis, holds, since, looked_at, next_at, failures, failure, fence;

-- part: Conditions
FROM task
LEFT JOIN probe ON probe.task_id = task.id
WHERE task.kind = 'condition' AND task.status = 'active';

-- A condition whose task was changed is looked at anew.
-- name: NextProbe
SELECT min(max(coalesce(probe.lease_until, 0), iif(probe.version = task.version, probe.next_at, 0)))
{Conditions};

-- name: ClaimProbes
INSERT INTO probe (task_id, fence, lease_until)
SELECT task.id, 1, ?2
{Conditions}
  AND coalesce(probe.lease_until, 0) <= ?1
  AND iif(probe.version = task.version, probe.next_at, 0) <= ?1
ORDER BY coalesce(probe.next_at, 0), task.id
LIMIT ?3
ON CONFLICT (task_id) DO UPDATE SET fence = fence + 1, lease_until = excluded.lease_until
RETURNING {ProbeColumns};

-- name: SettleProbe
UPDATE probe
SET lease_until = 0, version = ?3, basis = ?4, holds = ?5, since = ?6, looked_at = ?7, next_at = ?8, failures = ?9, failure = ?10
WHERE task_id = ?1 AND fence = ?2 AND lease_until > 0
  AND EXISTS (SELECT 1 FROM task WHERE id = ?1 AND status = 'active' AND version = ?3);

-- name: DropProbe
UPDATE probe SET lease_until = 0 WHERE task_id = ?1 AND fence = ?2;

-- name: Probe
SELECT {ProbeColumns} FROM probe WHERE task_id = ?1;
