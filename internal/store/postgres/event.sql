-- What an event is read from.
-- part: EventRows
seq, run_id, at, kind, step, attempt, tool, status, text, failure, until,
       topic, source, event_id, task_id, subject, actor, depth, data
FROM event;

-- part: Topic
CASE
    WHEN kind = 'event' THEN topic
    WHEN kind = 'run' THEN 'task.run.' || CASE status WHEN 'running' THEN 'started' ELSE status END
    WHEN status = 'waiting' AND text = 'approval' THEN 'approval.requested'
    ELSE 'task.step.' || CASE status WHEN 'running' THEN 'started' ELSE status END
  END;

-- What a filter selects by, with its patterns as regular expressions of what an
-- event has for a topic.
-- part: SelectedEvents
seq > $1 AND seq <= $2 AND at >= $3 AND at < $4
  AND (cardinality($5::text[]) = 0 OR {Topic} ~ ANY($5::text[]))
  AND ($6::uuid IS NULL OR task_id = $6);

-- A name is inserted in an order of its own, so that two who publish the same
-- events never wait for each other. It answers with the number of each new event.
-- name: InsertEvents
WITH sent AS (
  SELECT *
  FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::uuid[], $6::text[], $7::text[], $8::int[], $9::text[])
       WITH ORDINALITY AS e (run_id, topic, source, event_id, task_id, subject, actor, depth, data, n)
), named AS (
  INSERT INTO event_name (source, event_id, at)
  SELECT source, event_id, $10 FROM sent WHERE source IS NOT NULL ORDER BY source, event_id
  ON CONFLICT DO NOTHING
  RETURNING source, event_id
), fresh AS (
  SELECT * FROM sent
  WHERE source IS NULL OR (source, event_id) IN (SELECT source, event_id FROM named)
), told AS (
  INSERT INTO outbox (run_id, at, kind, topic, source, event_id, task_id, subject, actor, depth, data)
  SELECT fresh.run_id, $10, 'event', topic, source, event_id, coalesce(fresh.task_id, run.task_id), subject, actor,
         coalesce(nullif(fresh.depth, 0), run.depth, 0), data
  FROM fresh LEFT JOIN run ON run.id = fresh.run_id
  ORDER BY n
)
SELECT n FROM fresh;

-- name: ListEvents
SELECT {EventRows}
WHERE kind IN ('run', 'step', 'event') AND {SelectedEvents}
ORDER BY seq
LIMIT $7;

-- name: ListEventsNewest
SELECT {EventRows}
WHERE kind IN ('run', 'step', 'event') AND {SelectedEvents}
ORDER BY seq DESC
LIMIT $7;

-- Those of no run's log are few among many, and have an index.
-- name: ListTold
SELECT {EventRows}
WHERE kind = 'event' AND {SelectedEvents}
ORDER BY seq
LIMIT $7;

-- name: ListToldNewest
SELECT {EventRows}
WHERE kind = 'event' AND {SelectedEvents}
ORDER BY seq DESC
LIMIT $7;

-- name: ListEventsOfRun
SELECT {EventRows}
WHERE run_id = $8 AND kind IN ('run', 'step', 'event') AND {SelectedEvents}
ORDER BY seq * $9::int
LIMIT $7;

-- name: EventEnds
SELECT gone + 1, seq FROM event_gone, event_end;

-- name: Topics
SELECT told, count(*), max(at)
FROM (
  SELECT {Topic} AS told, at
  FROM event
  WHERE kind IN ('run', 'step', 'event')
  ORDER BY seq DESC
  LIMIT $1
) AS newest
GROUP BY told
ORDER BY told;

-- How far events are older than is kept, of those that follow what was swept: up
-- to the first that is younger, behind which there is nothing more to look at. What
-- tools said has a time of its own.
-- name: SweepTo
SELECT coalesce(min(seq) FILTER (WHERE young) - 1, max(seq)), CASE WHEN bool_or(young) THEN 0 ELSE count(*) END
FROM (
  SELECT seq, at > $1 AND kind NOT IN ('said', 'full') AS young
  FROM event
  WHERE seq > (SELECT swept FROM event_gone)
  ORDER BY seq
  LIMIT $2
) AS oldest;

-- name: SweepEvents
DELETE FROM event WHERE kind = 'event' AND seq > (SELECT swept FROM event_gone) AND seq <= $1;

-- name: MarkSwept
UPDATE event_gone SET swept = greatest(swept, $1), gone = greatest(gone, $1);

-- The last of the events that go with the logs of runs.
-- name: MarkGone
UPDATE event_gone
SET gone = greatest(gone, (SELECT max(seq) FROM event WHERE run_id = ANY($1::uuid[]) AND kind IN ('run', 'step')));

-- name: ForgetNames
DELETE FROM event_name
WHERE ctid = ANY(ARRAY(SELECT ctid FROM event_name WHERE at <= $1 ORDER BY at LIMIT $2 FOR UPDATE SKIP LOCKED));
