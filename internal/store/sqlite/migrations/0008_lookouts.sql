-- +goose Up

-- What the run is about: one event, or a list of them.
ALTER TABLE run ADD COLUMN event TEXT;
ALTER TABLE run ADD COLUMN event_seq INTEGER; -- the position of the event that made it
ALTER TABLE run ADD COLUMN gather TEXT; -- events with the same text join it, until it starts
ALTER TABLE run ADD COLUMN gathered INTEGER NOT NULL DEFAULT 0; -- how many have
CREATE UNIQUE INDEX run_event ON run (task_id, event_seq) WHERE event_seq IS NOT NULL;
CREATE INDEX run_gather ON run (task_id, gather, id) WHERE gather IS NOT NULL AND started_at IS NULL AND finished_at IS NULL;

-- Who looks out for events: a task, or a step that waits.
CREATE TABLE lookout (
  number  INTEGER NOT NULL PRIMARY KEY,
  expr    TEXT    NOT NULL CHECK (expr <> ''),
  since   INTEGER NOT NULL, -- events up to this position are not its business
  behind  INTEGER, -- the events up to here were matched with it, and no other; NULL is all up to the cursor
  task_id TEXT    UNIQUE REFERENCES task (id),
  run_id  TEXT,
  path    TEXT,
  UNIQUE (run_id, path),
  FOREIGN KEY (run_id, path) REFERENCES wait (run_id, path) ON DELETE CASCADE,
  CHECK ((task_id IS NULL) = (run_id IS NOT NULL))
) STRICT;
CREATE INDEX lookout_behind ON lookout (behind) WHERE behind IS NOT NULL;

-- Up to where events were matched, and the number that the newest lookout has.
CREATE TABLE matching (
  one    INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
  cursor INTEGER NOT NULL,
  number INTEGER NOT NULL
) STRICT;
INSERT INTO matching (one, cursor, number) VALUES (1, 0, 0);
