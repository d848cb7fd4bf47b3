-- name: Beat
INSERT INTO worker (name, host, pid, version, roles, slots, busy, started_at, seen_at, draining)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9)
ON CONFLICT (name) DO UPDATE
SET host = excluded.host, pid = excluded.pid, version = excluded.version, roles = excluded.roles, slots = excluded.slots,
    busy = excluded.busy, seen_at = excluded.seen_at, draining = excluded.draining;

-- Those who forget at the same moment do not wait for one another.
-- name: ForgetWorkers
DELETE FROM worker WHERE name IN (SELECT name FROM worker WHERE seen_at <= $1 FOR UPDATE SKIP LOCKED);

-- name: Leave
DELETE FROM worker WHERE name = $1;

-- name: ListWorkers
SELECT name, host, pid, version, roles, slots, busy, started_at, seen_at, draining
FROM worker
WHERE seen_at > ordinaut.clock() - $1::interval
ORDER BY name;

-- part: Load
count(*) FILTER (WHERE status = 'queued' AND NOT blocked AND run_at <= $1),
       count(*) FILTER (WHERE status = 'queued' AND NOT blocked AND run_at > $1),
       count(*) FILTER (WHERE blocked),
       count(*) FILTER (WHERE status = 'parked'),
       count(*) FILTER (WHERE status = 'waiting'),
       count(*) FILTER (WHERE status = 'running'),
       min(run_at) FILTER (WHERE status = 'queued' AND run_at <= $1);

-- name: PriorityQueues
SELECT {Load}, priority
FROM live_run
GROUP BY priority
ORDER BY priority DESC;

-- name: KeyQueues
SELECT {Load}, slot, min(slots)
FROM live_run
WHERE slot IS NOT NULL
GROUP BY slot
ORDER BY count(*) - count(*) FILTER (WHERE status = 'running') DESC, slot
LIMIT $2;

-- name: WorkerQueues
SELECT worker, count(*) FROM live_run WHERE status = 'running' GROUP BY worker ORDER BY worker;
