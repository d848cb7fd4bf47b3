-- +goose Up

-- The log of events: the lines of the logs of runs, and what else has happened. A
-- position is never given twice. Small columns stand before large ones, and what
-- only events have stands last, so that a line costs what it did without them.
CREATE TABLE event (
  seq      INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  run_id   TEXT    NOT NULL DEFAULT '',
  at       INTEGER NOT NULL,
  kind     TEXT    NOT NULL CHECK (kind IN ('run', 'step', 'said', 'full', 'event')),
  step     TEXT    NOT NULL DEFAULT '',
  attempt  INTEGER NOT NULL DEFAULT 0,
  tool     TEXT    NOT NULL DEFAULT '',
  status   TEXT    NOT NULL DEFAULT '',
  text     TEXT    NOT NULL DEFAULT '',
  failure  TEXT,
  until    INTEGER,
  topic    TEXT, -- of a line it is made of what the line says
  source   TEXT, -- NULL is the house itself, and then its position is its id
  event_id TEXT,
  task_id  TEXT, -- NULL is the task of the run
  subject  TEXT,
  actor    TEXT,
  depth    INTEGER,
  data     TEXT,
  CHECK ((kind = 'event') = (topic IS NOT NULL)),
  CHECK ((source IS NULL) = (event_id IS NULL))
) STRICT;
INSERT INTO event (seq, run_id, at, kind, step, attempt, tool, status, text, failure, until)
SELECT seq, run_id, at, kind, step, attempt, tool, status, text, failure, until
FROM run_log
ORDER BY seq;
CREATE INDEX event_run ON event (run_id);
CREATE INDEX event_told ON event (seq) WHERE kind = 'event';
CREATE UNIQUE INDEX event_once ON event (source, event_id) WHERE source IS NOT NULL;

DELETE FROM sqlite_sequence WHERE name = 'event';
INSERT INTO sqlite_sequence (name, seq)
SELECT 'event', coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'run_log'), 0);
DROP TABLE run_log;

-- What is gone of the log. Up to swept events were deleted for their age, and up
-- to gone any event may be missing. Nobody has counted what was gone before.
CREATE TABLE event_gone (
  one   INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
  swept INTEGER NOT NULL,
  gone  INTEGER NOT NULL
) STRICT;
INSERT INTO event_gone (one, swept, gone)
SELECT 1, 0, iif((SELECT count(*) FROM event) = seq, 0, seq) FROM sqlite_sequence WHERE name = 'event';

-- How far those have come who read the log one event after the other.
CREATE TABLE reader (
  name  TEXT    NOT NULL PRIMARY KEY CHECK (name <> ''),
  after INTEGER NOT NULL,
  owner TEXT    NOT NULL,
  until INTEGER NOT NULL, -- as long as the owner has it
  at    INTEGER NOT NULL  -- when it was last read
) STRICT;

-- Groups of consumers, and the events that were given out to each.
CREATE TABLE consumer_group (
  name       TEXT    NOT NULL PRIMARY KEY CHECK (name <> ''),
  topics     TEXT    NOT NULL, -- patterns, as a JSON array
  created_by TEXT    NOT NULL,
  created_at INTEGER NOT NULL,
  after      INTEGER NOT NULL -- events up to this position were given out
) STRICT;
CREATE TABLE group_delivery (
  consumer_group TEXT    NOT NULL REFERENCES consumer_group (name) ON DELETE CASCADE,
  seq            INTEGER NOT NULL,
  consumer       TEXT    NOT NULL,
  tries          INTEGER NOT NULL,
  until          INTEGER NOT NULL, -- when it is given to another; of one that was given up, since when it is
  dead           TEXT    NOT NULL DEFAULT '', -- why it was given up
  PRIMARY KEY (consumer_group, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX group_delivery_due ON group_delivery (consumer_group, until) WHERE dead = '';
CREATE INDEX group_delivery_pending ON group_delivery (seq) WHERE dead = '';
CREATE INDEX group_delivery_dead ON group_delivery (until) WHERE dead <> '';
