-- A CHECK cannot be altered, so run and step_result are made anew. Nothing but
-- step_result refers to run: it is copied and goes first, and so the foreign keys
-- hold at every statement and all of it is one transaction. Small columns stand
-- before large ones, so that reading them never passes over a long text.
-- +goose Up

CREATE TABLE run_next (
  id            TEXT    NOT NULL PRIMARY KEY,
  task_id       TEXT    NOT NULL REFERENCES task (id),
  task_version  INTEGER,
  trigger       TEXT    NOT NULL CHECK (trigger IN ('schedule', 'manual', 'rerun', 'run', 'backfill', 'event', 'condition')),
  nominal       INTEGER,
  scheduled_for INTEGER NOT NULL,
  enqueued_at   INTEGER NOT NULL,
  claimed_at    INTEGER,
  started_at    INTEGER,
  finished_at   INTEGER,
  status        TEXT    NOT NULL,
  reason        TEXT    NOT NULL DEFAULT '',
  cancel        TEXT, -- why its worker is asked to end it; such a run never waits again
  failures      INTEGER NOT NULL DEFAULT 0,
  crashes       INTEGER NOT NULL DEFAULT 0, -- in the middle of a call, one after the other
  priority      INTEGER NOT NULL CHECK (priority BETWEEN 1 AND 9),
  run_at        INTEGER, -- when a queued run may be claimed, and a waiting one goes on by itself
  worker        TEXT    NOT NULL DEFAULT '',
  fence         INTEGER NOT NULL DEFAULT 0,
  locked_until  INTEGER, -- when the worker's lease ends
  now           INTEGER,
  worked_ns     INTEGER NOT NULL DEFAULT 0,
  plan_rev      INTEGER NOT NULL,
  slot          TEXT,
  slots         INTEGER NOT NULL DEFAULT 1 CHECK (slots >= 1),
  blocked       INTEGER NOT NULL DEFAULT 0 CHECK (blocked = 0 OR blocked = 1 AND status = 'queued' AND slot IS NOT NULL),
  dedupe        TEXT,
  waits         INTEGER NOT NULL DEFAULT 0 CHECK (waits IN (0, 1)), -- a step of it has waited
  has_steps     INTEGER NOT NULL DEFAULT 1 CHECK (has_steps IN (0, 1)), -- its steps were not yet pruned
  rerun_of      TEXT    NOT NULL DEFAULT '',
  parent        TEXT    NOT NULL DEFAULT '',
  parent_step   TEXT    NOT NULL DEFAULT '',
  depth         INTEGER NOT NULL DEFAULT 0,
  params        TEXT,
  output        TEXT,
  failure       TEXT,
  ending        TEXT, -- how it ends when its steps are undone, as JSON
  CHECK (CASE
    WHEN trigger IN ('schedule', 'backfill') THEN nominal IS NOT NULL
    WHEN trigger IN ('manual', 'run') THEN nominal IS NULL
    ELSE TRUE
  END),
  CHECK (cancel IS NULL OR status NOT IN ('queued', 'parked', 'waiting')),
  CHECK (ending IS NULL OR finished_at IS NULL AND cancel IS NULL),
  CHECK (CASE status
    WHEN 'queued'    THEN locked_until IS NULL AND finished_at IS NULL AND run_at IS NOT NULL
    WHEN 'parked'    THEN locked_until IS NULL AND finished_at IS NULL AND started_at IS NULL AND run_at IS NOT NULL
    WHEN 'running'   THEN locked_until IS NOT NULL AND finished_at IS NULL AND task_version IS NOT NULL
    WHEN 'waiting'   THEN locked_until IS NULL AND finished_at IS NULL AND task_version IS NOT NULL
    WHEN 'succeeded' THEN locked_until IS NULL AND finished_at IS NOT NULL
    WHEN 'failed'    THEN locked_until IS NULL AND finished_at IS NOT NULL
    WHEN 'canceled'  THEN locked_until IS NULL AND finished_at IS NOT NULL
    ELSE FALSE
  END)
) STRICT;
INSERT INTO run_next (id, task_id, task_version, trigger, nominal, scheduled_for, enqueued_at, claimed_at, started_at,
                      finished_at, status, reason, cancel, failures, priority, run_at, worker, fence, locked_until, now,
                      worked_ns, plan_rev, slot, slots, blocked, dedupe, has_steps, params, output, failure)
SELECT id, task_id, task_version, trigger, nominal, scheduled_for, enqueued_at, claimed_at, started_at,
       finished_at, status, reason, cancel, failures, priority, run_at, worker, fence, locked_until, now,
       worked_ns, plan_rev, slot, slots, blocked, dedupe, has_steps, params, output, failure
FROM run;

CREATE TABLE step_result_next (
  position        INTEGER NOT NULL PRIMARY KEY, -- the order in which steps were first recorded
  run_id          TEXT    NOT NULL REFERENCES run_next (id),
  path            TEXT    NOT NULL,
  status          TEXT    NOT NULL CHECK (status IN ('running', 'waiting', 'succeeded', 'failed', 'skipped')),
  attempt         INTEGER NOT NULL,
  tool            TEXT    NOT NULL,
  idempotency_key TEXT    NOT NULL,
  started_at      INTEGER NOT NULL,
  finished_at     INTEGER,
  undoable        INTEGER NOT NULL DEFAULT 0 CHECK (undoable IN (0, 1)), -- it has something to undo when it has succeeded
  input           TEXT,
  output          TEXT,
  failure         TEXT,
  UNIQUE (run_id, path)
) STRICT;
INSERT INTO step_result_next (position, run_id, path, status, attempt, tool, idempotency_key, started_at, finished_at, input, output, failure)
SELECT position, run_id, path, status, attempt, tool, idempotency_key, started_at, finished_at, input, output, failure
FROM step_result;

DROP TABLE step_result;
DROP TABLE run;
ALTER TABLE run_next RENAME TO run;
ALTER TABLE step_result_next RENAME TO step_result;

CREATE INDEX run_task ON run (task_id, id);
CREATE INDEX run_unfinished ON run (task_id, finished_at) WHERE finished_at IS NULL; -- both columns, to count without the table
CREATE INDEX run_parked ON run (task_id, id) WHERE status = 'parked';
CREATE INDEX run_queue ON run (priority, run_at, slot, crashes) WHERE status = 'queued' AND blocked = 0;
CREATE INDEX run_blocked ON run (slot, priority DESC, run_at) WHERE blocked = 1;
CREATE INDEX run_waiting ON run (run_at) WHERE status = 'waiting';
CREATE INDEX run_leases ON run (locked_until) WHERE status = 'running';
CREATE INDEX run_cancels ON run (worker) WHERE cancel IS NOT NULL AND status = 'running';
CREATE INDEX run_suspects ON run (crashes) WHERE crashes > 0 AND status IN ('queued', 'running');
CREATE INDEX run_slots_taken ON run (slot) WHERE slot IS NOT NULL AND status = 'running';
CREATE INDEX run_slots ON run (slot, slots) WHERE slot IS NOT NULL AND finished_at IS NULL;
CREATE INDEX run_dedupe ON run (dedupe, enqueued_at) WHERE dedupe IS NOT NULL;
CREATE INDEX run_age ON run (has_steps, finished_at) WHERE finished_at IS NOT NULL;
CREATE UNIQUE INDEX run_parent ON run (parent, parent_step) WHERE parent <> '';
CREATE INDEX run_reruns ON run (rerun_of) WHERE rerun_of <> '';
CREATE INDEX step_undoable ON step_result (run_id) WHERE undoable = 1 AND status = 'succeeded';

-- What steps wait for: one row for each that stands at waiting.
CREATE TABLE wait (
  position INTEGER NOT NULL PRIMARY KEY, -- the order in which they began
  run_id   TEXT    NOT NULL REFERENCES run (id),
  path     TEXT    NOT NULL,
  kind     TEXT    NOT NULL CHECK (kind <> ''),
  key      TEXT    NOT NULL,
  until    INTEGER,
  calls    TEXT, -- that follow an approval
  answer   TEXT,
  UNIQUE (run_id, path)
) STRICT;
CREATE INDEX wait_kind ON wait (kind);
CREATE INDEX wait_run ON wait (key) WHERE kind = 'run';
CREATE INDEX wait_answered ON wait (run_id) WHERE answer IS NOT NULL;

-- What this store alone knows, such as what it signs links with.
CREATE TABLE secret (
  name  TEXT NOT NULL PRIMARY KEY,
  value BLOB NOT NULL
) STRICT, WITHOUT ROWID;
