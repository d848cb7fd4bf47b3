-- The time of the transaction under way, which the triggers read. It lies in the
-- memory of the connection that writes, as the triggers do.
-- name: LogClock
CREATE TEMP TABLE IF NOT EXISTS log_clock (now INTEGER NOT NULL);

-- name: StartClock
INSERT INTO temp.log_clock (now) VALUES (0);

-- name: SetClock
UPDATE temp.log_clock SET now = ?1;

-- A trigger on this insertion would cost several times as much as the line.
-- name: LogRunMade
INSERT INTO event (run_id, at, kind, attempt, status, until) VALUES (?1, ?2, 'run', 1, ?3, ?4);

-- name: LogRunMoved
CREATE TEMP TRIGGER IF NOT EXISTS log_run_moved AFTER UPDATE OF status ON main.run
WHEN NEW.status <> OLD.status
BEGIN
  INSERT INTO event (run_id, at, kind, attempt, status, text, failure, until)
  SELECT NEW.id, now, 'run', iif(NEW.status = 'failed', max(NEW.failures, 1), NEW.failures + 1), NEW.status,
         iif(NEW.ending IS NULL, NEW.reason, 'undo'),
         iif(NEW.status = 'failed' OR NEW.failures > OLD.failures, NEW.failure, NULL),
         iif(NEW.status IN ('queued', 'waiting') AND NEW.run_at > now, NEW.run_at, NULL)
  FROM log_clock; END;

-- name: LogStepMade
CREATE TEMP TRIGGER IF NOT EXISTS log_step_made AFTER INSERT ON main.step_result
WHEN NEW.status <> 'waiting'
BEGIN
  INSERT INTO event (run_id, at, kind, step, attempt, tool, status, failure)
  SELECT NEW.run_id, now, 'step', NEW.path, NEW.attempt, NEW.tool, NEW.status, NEW.failure
  FROM log_clock; END;

-- name: LogStepMoved
CREATE TEMP TRIGGER IF NOT EXISTS log_step_moved AFTER UPDATE OF status, attempt ON main.step_result
WHEN (NEW.status <> OLD.status OR NEW.attempt <> OLD.attempt) AND NEW.status <> 'waiting'
BEGIN
  INSERT INTO event (run_id, at, kind, step, attempt, tool, status, failure)
  SELECT NEW.run_id, now, 'step', NEW.path, NEW.attempt, NEW.tool, NEW.status, NEW.failure
  FROM log_clock; END;

-- A step that waits has its line when it is known for what.
-- name: LogWaitMade
CREATE TEMP TRIGGER IF NOT EXISTS log_wait_made AFTER INSERT ON main.wait
BEGIN
  INSERT INTO event (run_id, at, kind, step, attempt, tool, status, text, until)
  SELECT NEW.run_id, now, 'step', NEW.path, coalesce(s.attempt, 1), coalesce(s.tool, ''), 'waiting', NEW.kind, NEW.until
  FROM log_clock LEFT JOIN step_result AS s ON s.run_id = NEW.run_id AND s.path = NEW.path; END;

-- name: LogSize
SELECT coalesce(max(s.bytes), 0), coalesce(max(s.left), 0)
FROM run AS r LEFT JOIN run_log_size AS s ON s.run_id = r.id
WHERE r.id = ?1
GROUP BY r.id;

-- name: SaveLogSize
INSERT INTO run_log_size (run_id, bytes, left) VALUES (?1, ?2, ?3)
ON CONFLICT (run_id) DO UPDATE SET bytes = excluded.bytes, left = excluded.left;

-- name: InsertLogLine
INSERT INTO event (run_id, at, kind, step, attempt, tool, status, text) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8);

-- name: DeleteLogFull
DELETE FROM event WHERE run_id = ?1 AND kind = 'full';

-- name: ListLogOfRun
SELECT seq, run_id, at, kind, step, attempt, tool, status, text, failure, until
FROM event
WHERE run_id = ?5 AND kind <> 'event' AND seq > ?1 AND at >= ?2
  AND (?3 = '' OR step = ?3 OR substr(step, 1, length(?3) + 1) IN (?3 || '.', ?3 || '['))
ORDER BY seq
LIMIT ?4;

-- Readers of many runs begin near the end, so the lines behind a position are
-- read in their order, whichever runs they are of.
-- name: ListLog
SELECT seq, run_id, at, kind, step, attempt, tool, status, text, failure, until
FROM event
WHERE seq > ?1 AND kind <> 'event' AND at >= ?2
  AND (?3 = '' OR step = ?3 OR substr(step, 1, length(?3) + 1) IN (?3 || '.', ?3 || '['))
  AND (?5 = '' OR ?5 = (SELECT task_id FROM run WHERE run.id = event.run_id))
ORDER BY seq
LIMIT ?4;

-- The position that was given out last, whether it is still kept or not.
-- name: LogEnd
SELECT seq FROM sqlite_sequence WHERE name = 'event';

-- name: PruneLog
DELETE FROM event WHERE run_id IN (SELECT value FROM json_each(?1)) AND kind <> 'event';

-- name: PruneLogSizes
DELETE FROM run_log_size WHERE run_id IN (SELECT value FROM json_each(?1));
