-- What an event is read from; of a line the task and the depth are its run's.
-- part: EventRows
event.seq, event.run_id, event.at, event.kind, event.step, event.attempt, event.tool, event.status, event.text, event.failure, event.until,
       event.topic, event.source, event.event_id, coalesce(event.task_id, run.task_id, ''), event.subject, event.actor, coalesce(event.depth, run.depth, 0), event.data
FROM event
LEFT JOIN run ON run.id = event.run_id;

-- part: Topic
CASE
    WHEN kind = 'event' THEN topic
    WHEN kind = 'run' THEN 'task.run.' || iif(event.status = 'running', 'started', event.status)
    WHEN event.status = 'waiting' AND text = 'approval' THEN 'approval.requested'
    ELSE 'task.step.' || iif(event.status = 'running', 'started', event.status)
  END;

-- What a filter selects by. A pattern of topics is here one that covers too much
-- rather than too little.
-- part: SelectedEvents
event.seq > ?1 AND event.seq <= ?2 AND event.at >= ?3 AND event.at < ?4
  AND (?5 = '[]' OR EXISTS (SELECT 1 FROM json_each(?5) WHERE {Topic} GLOB value))
  AND (?6 = '' OR ?6 = coalesce(event.task_id, run.task_id));

-- name: InsertEvent
INSERT INTO event (run_id, at, kind, topic, source, event_id, task_id, subject, actor, depth, data)
VALUES (?1, ?2, 'event', ?3, ?4, ?5, nullif(?6, ''), ?7, ?8, nullif(?9, 0), ?10)
ON CONFLICT (source, event_id) WHERE source IS NOT NULL DO NOTHING;

-- name: ListEvents
SELECT {EventRows}
WHERE event.kind IN ('run', 'step', 'event') AND {SelectedEvents}
ORDER BY event.seq
LIMIT ?7;

-- name: ListEventsNewest
SELECT {EventRows}
WHERE event.kind IN ('run', 'step', 'event') AND {SelectedEvents}
ORDER BY event.seq DESC
LIMIT ?7;

-- Those of no run's log are few among many, and have an index.
-- name: ListTold
SELECT {EventRows}
WHERE event.kind = 'event' AND {SelectedEvents}
ORDER BY event.seq
LIMIT ?7;

-- name: ListToldNewest
SELECT {EventRows}
WHERE event.kind = 'event' AND {SelectedEvents}
ORDER BY event.seq DESC
LIMIT ?7;

-- name: ListEventsOfRun
SELECT {EventRows}
WHERE event.run_id = ?8 AND event.kind IN ('run', 'step', 'event') AND {SelectedEvents}
ORDER BY event.seq * ?9
LIMIT ?7;

-- name: EventEnds
SELECT gone + 1, (SELECT seq FROM sqlite_sequence WHERE name = 'event') FROM event_gone;

-- name: Topics
SELECT told, count(*), max(at)
FROM (
  SELECT {Topic} AS told, at FROM event
  WHERE kind IN ('run', 'step', 'event')
  ORDER BY seq DESC
  LIMIT ?1
)
GROUP BY told
ORDER BY told;

-- How far events are older than is kept, of those that follow what was swept: up
-- to the first that is younger, behind which there is nothing more to look at. What
-- tools said has a time of its own.
-- name: SweepTo
SELECT coalesce(min(seq) FILTER (WHERE young) - 1, max(seq)), iif(max(young), 0, count(*))
FROM (
  SELECT seq, at > ?1 AND kind NOT IN ('said', 'full') AS young
  FROM event
  WHERE seq > (SELECT swept FROM event_gone)
  ORDER BY seq
  LIMIT ?2
);

-- name: SweepEvents
DELETE FROM event WHERE kind = 'event' AND seq > (SELECT swept FROM event_gone) AND seq <= ?1;

-- name: MarkSwept
UPDATE event_gone SET swept = ?1, gone = max(gone, ?1);

-- The last of the events that go with the logs of runs.
-- name: MarkGone
UPDATE event_gone
SET gone = max(gone, coalesce((SELECT max(seq) FROM event
                               WHERE run_id IN (SELECT value FROM json_each(?1)) AND kind IN ('run', 'step')), 0));
