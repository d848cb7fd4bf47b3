-- Every instant is an INTEGER: microseconds since 1970 in UTC.
-- +goose Up

CREATE TABLE agent (
  id         TEXT    NOT NULL PRIMARY KEY,
  name       TEXT    NOT NULL UNIQUE,
  kind       TEXT    NOT NULL CHECK (kind IN ('person', 'agent', 'service')),
  scopes     TEXT    NOT NULL,
  created_at INTEGER NOT NULL,
  unfinished INTEGER NOT NULL DEFAULT 0 CHECK (unfinished >= 0) -- its tasks that are active or paused
) STRICT;

-- The newest definition lies in the task, so that one read finds all of it.
CREATE TABLE task (
  id           TEXT    NOT NULL PRIMARY KEY,
  key          TEXT    NOT NULL CHECK (key <> ''),
  created_by   TEXT    NOT NULL REFERENCES agent (id),
  version      INTEGER NOT NULL CHECK (version >= 1),
  status       TEXT    NOT NULL CHECK (status IN ('active', 'paused', 'canceled', 'completed')),
  created_at   INTEGER NOT NULL,
  updated_at   INTEGER NOT NULL,
  kind         TEXT    NOT NULL,
  priority     INTEGER NOT NULL CHECK (priority BETWEEN 1 AND 9),
  definition   TEXT    NOT NULL,
  anchor       INTEGER NOT NULL,
  cursor       INTEGER NOT NULL,
  plan_rev     INTEGER NOT NULL,
  next_fire_at INTEGER
) STRICT;
CREATE UNIQUE INDEX task_key ON task (created_by, key) WHERE status <> 'canceled';
CREATE INDEX task_key_ever ON task (created_by, key, id);
CREATE INDEX task_due ON task (next_fire_at) WHERE status = 'active' AND next_fire_at IS NOT NULL;

-- Counting an agent's tasks whenever it makes one would cost more than making it.
-- +goose StatementBegin
CREATE TRIGGER task_begins AFTER INSERT ON task
WHEN NEW.status IN ('active', 'paused')
BEGIN
  UPDATE agent SET unfinished = unfinished + 1 WHERE id = NEW.created_by;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER task_turns AFTER UPDATE OF status ON task
WHEN (NEW.status IN ('active', 'paused')) <> (OLD.status IN ('active', 'paused'))
BEGIN
  UPDATE agent SET unfinished = unfinished + iif(NEW.status IN ('active', 'paused'), 1, -1) WHERE id = NEW.created_by;
END;
-- +goose StatementEnd

CREATE TABLE task_version (
  task_id    TEXT    NOT NULL REFERENCES task (id),
  version    INTEGER NOT NULL,
  definition TEXT    NOT NULL,
  PRIMARY KEY (task_id, version)
) STRICT;

-- A run is also its place in the queue and its lease, so that the three cannot
-- disagree and each step of its life is one write. The queue itself is an index
-- of the few runs that wait, in the order of claims; the leases are another.
CREATE TABLE run (
  id            TEXT    NOT NULL PRIMARY KEY,
  task_id       TEXT    NOT NULL REFERENCES task (id),
  task_version  INTEGER,
  trigger       TEXT    NOT NULL CHECK (trigger IN ('schedule', 'manual')),
  nominal       INTEGER,
  scheduled_for INTEGER NOT NULL,
  enqueued_at   INTEGER NOT NULL,
  claimed_at    INTEGER,
  started_at    INTEGER,
  finished_at   INTEGER,
  status        TEXT    NOT NULL,
  reason        TEXT    NOT NULL DEFAULT '',
  failures      INTEGER NOT NULL DEFAULT 0,
  priority      INTEGER NOT NULL CHECK (priority BETWEEN 1 AND 9),
  run_at        INTEGER NOT NULL, -- when a queued run may be claimed
  worker        TEXT    NOT NULL DEFAULT '',
  fence         INTEGER NOT NULL DEFAULT 0,
  locked_until  INTEGER, -- when the worker's lease ends
  now           INTEGER,
  worked_ns     INTEGER NOT NULL DEFAULT 0,
  plan_rev      INTEGER NOT NULL,
  params        TEXT,
  output        TEXT,
  failure       TEXT,
  has_steps     INTEGER NOT NULL DEFAULT 1 CHECK (has_steps IN (0, 1)), -- its steps were not yet pruned
  CHECK ((nominal IS NOT NULL) = (trigger = 'schedule')),
  CHECK (CASE status
    WHEN 'queued'    THEN locked_until IS NULL AND finished_at IS NULL
    WHEN 'parked'    THEN locked_until IS NULL AND finished_at IS NULL AND started_at IS NULL
    WHEN 'running'   THEN locked_until IS NOT NULL AND finished_at IS NULL AND task_version IS NOT NULL
    WHEN 'succeeded' THEN locked_until IS NULL AND finished_at IS NOT NULL
    WHEN 'failed'    THEN locked_until IS NULL AND finished_at IS NOT NULL
    WHEN 'canceled'  THEN locked_until IS NULL AND finished_at IS NOT NULL
    ELSE FALSE
  END)
) STRICT;
CREATE INDEX run_task ON run (task_id, id);
CREATE INDEX run_unfinished ON run (task_id, finished_at) WHERE finished_at IS NULL; -- both columns, to count without the table
CREATE INDEX run_parked ON run (task_id, id) WHERE status = 'parked';
CREATE INDEX run_queue ON run (priority, run_at) WHERE status = 'queued';
CREATE INDEX run_leases ON run (locked_until) WHERE status = 'running';
CREATE INDEX run_age ON run (has_steps, finished_at) WHERE finished_at IS NOT NULL;

CREATE TABLE step_result (
  position        INTEGER NOT NULL PRIMARY KEY, -- the order in which steps were first recorded
  run_id          TEXT    NOT NULL REFERENCES run (id),
  path            TEXT    NOT NULL,
  status          TEXT    NOT NULL CHECK (status IN ('running', 'succeeded', 'failed', 'skipped')),
  attempt         INTEGER NOT NULL,
  tool            TEXT    NOT NULL,
  input           TEXT,
  output          TEXT,
  failure         TEXT,
  idempotency_key TEXT    NOT NULL,
  started_at      INTEGER NOT NULL,
  finished_at     INTEGER,
  UNIQUE (run_id, path)
) STRICT;

-- The ledger outlives the runs, so an occurrence does not refer to its run.
CREATE TABLE occurrence (
  task_id TEXT    NOT NULL REFERENCES task (id),
  nominal INTEGER NOT NULL,
  run_id  TEXT    NOT NULL,
  PRIMARY KEY (task_id, nominal)
) STRICT, WITHOUT ROWID;
CREATE INDEX occurrence_age ON occurrence (nominal);

CREATE TABLE gap (
  task_id TEXT    NOT NULL REFERENCES task (id),
  first   INTEGER NOT NULL,
  last    INTEGER NOT NULL,
  count   INTEGER NOT NULL CHECK (count >= 1),
  more    INTEGER NOT NULL CHECK (more IN (0, 1)),
  reason  TEXT    NOT NULL CHECK (reason <> ''),
  PRIMARY KEY (task_id, first),
  CHECK (first <= last)
) STRICT, WITHOUT ROWID;
CREATE INDEX gap_age ON gap (last);

CREATE TABLE audit (
  position INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  at       INTEGER NOT NULL,
  actor    TEXT    NOT NULL,
  action   TEXT    NOT NULL CHECK (action <> ''),
  subject  TEXT    NOT NULL,
  detail   TEXT
) STRICT;
