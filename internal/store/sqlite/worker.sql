-- part: Load
count(*) FILTER (WHERE status = 'queued' AND blocked = 0 AND run_at <= ?1),
       count(*) FILTER (WHERE status = 'queued' AND blocked = 0 AND run_at > ?1),
       count(*) FILTER (WHERE blocked = 1),
       count(*) FILTER (WHERE status = 'parked'),
       count(*) FILTER (WHERE status = 'waiting'),
       count(*) FILTER (WHERE status = 'running'),
       min(run_at) FILTER (WHERE status = 'queued' AND run_at <= ?1);

-- name: PriorityQueues
SELECT {Load}, priority
FROM run
WHERE finished_at IS NULL
GROUP BY priority
ORDER BY priority DESC;

-- name: KeyQueues
SELECT {Load}, slot, min(slots)
FROM run
WHERE slot IS NOT NULL AND finished_at IS NULL
GROUP BY slot
ORDER BY count(*) - count(*) FILTER (WHERE status = 'running') DESC, slot
LIMIT ?2;

-- name: WorkerQueues
SELECT worker, count(*) FROM run WHERE status = 'running' GROUP BY worker ORDER BY worker;
