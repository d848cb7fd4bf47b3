-- +goose Up

-- The log of each run: what became of it and of its steps, and what tools said.
-- A position is never given twice. The statements of log.sql make triggers that
-- write the first part, so that no change of a status is without its line.
CREATE TABLE run_log (
  seq     INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  run_id  TEXT    NOT NULL,
  at      INTEGER NOT NULL,
  kind    TEXT    NOT NULL CHECK (kind IN ('run', 'step', 'said', 'full')),
  step    TEXT    NOT NULL DEFAULT '',
  attempt INTEGER NOT NULL DEFAULT 0,
  tool    TEXT    NOT NULL DEFAULT '',
  status  TEXT    NOT NULL DEFAULT '',
  text    TEXT    NOT NULL DEFAULT '',
  failure TEXT,
  until   INTEGER
) STRICT;
CREATE INDEX run_log_run ON run_log (run_id);

-- How much of what tools said is kept, and how many lines are not.
CREATE TABLE run_log_size (
  run_id TEXT    NOT NULL PRIMARY KEY,
  bytes  INTEGER NOT NULL,
  left   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE artifact (
  id           TEXT    NOT NULL PRIMARY KEY,
  run_id       TEXT    NOT NULL REFERENCES run (id),
  step         TEXT    NOT NULL,
  bytes        INTEGER NOT NULL,
  sha256       TEXT    NOT NULL,
  content_type TEXT    NOT NULL,
  created_at   INTEGER NOT NULL,
  kept         INTEGER NOT NULL DEFAULT 0 CHECK (kept IN (0, 1)) -- a step refers to it
) STRICT;
CREATE INDEX artifact_run ON artifact (run_id);
CREATE INDEX artifact_orphan ON artifact (created_at) WHERE kept = 0;

-- Each part is compressed by itself (DEFLATE).
CREATE TABLE artifact_part (
  artifact_id TEXT    NOT NULL REFERENCES artifact (id) ON DELETE CASCADE,
  n           INTEGER NOT NULL,
  data        BLOB    NOT NULL,
  PRIMARY KEY (artifact_id, n)
) STRICT;
