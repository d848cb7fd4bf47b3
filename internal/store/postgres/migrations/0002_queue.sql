-- +goose Up

-- A run is also its place in the queue and its lease, so that the three cannot
-- disagree and each step of its life is one write. It lives in live_run until it
-- has ended, which keeps that table and its indices small however much history
-- there is, and is moved to past_run then. Nothing refers to runs by a foreign key:
-- every write would lock the row for it.
CREATE TABLE live_run (
  id            uuid        NOT NULL,
  task_id       uuid        NOT NULL,
  rerun_of      uuid,
  parent        uuid,
  nominal       timestamptz,
  scheduled_for timestamptz NOT NULL,
  enqueued_at   timestamptz NOT NULL,
  claimed_at    timestamptz,
  started_at    timestamptz,
  finished_at   timestamptz, -- of a live run: it is about to be moved
  dismissed_at  timestamptz,
  run_at        timestamptz, -- when a queued run may be claimed, and a waiting one goes on by itself
  locked_until  timestamptz, -- when the worker's lease ends
  now           timestamptz,
  fence         bigint      NOT NULL DEFAULT 0,
  worked_ns     bigint      NOT NULL DEFAULT 0,
  plan_rev      bigint      NOT NULL,
  task_version  integer,
  failures      integer     NOT NULL DEFAULT 0,
  crashes       integer     NOT NULL DEFAULT 0, -- in the middle of a call, one after the other
  slots         integer     NOT NULL DEFAULT 1 CHECK (slots >= 1),
  depth         integer     NOT NULL DEFAULT 0,
  priority      smallint    NOT NULL CHECK (priority BETWEEN 1 AND 9),
  blocked       boolean     NOT NULL DEFAULT FALSE, -- it found every slot taken, and is out of the queue until one is free
  waits         boolean     NOT NULL DEFAULT FALSE, -- a step of it has waited
  has_steps     boolean     NOT NULL DEFAULT TRUE,  -- its steps were not yet pruned
  status        text        COLLATE "C" NOT NULL,
  trigger       text        COLLATE "C" NOT NULL CHECK (trigger IN ('schedule', 'manual', 'rerun', 'run', 'backfill', 'event', 'condition')),
  reason        text        COLLATE "C" NOT NULL DEFAULT '',
  cancel        text        COLLATE "C", -- why its worker is asked to end it; such a run never waits again
  worker        text        COLLATE "C" NOT NULL DEFAULT '',
  slot          text        COLLATE "C",
  dedupe        text        COLLATE "C",
  parent_step   text        COLLATE "C" NOT NULL DEFAULT '',
  params        text,
  output        text,
  failure       json,
  ending        text, -- how it ends when its steps are undone, as JSON
  event         text,
  PRIMARY KEY (id),
  CHECK (CASE
    WHEN trigger IN ('schedule', 'backfill') THEN nominal IS NOT NULL
    WHEN trigger IN ('manual', 'run') THEN nominal IS NULL
    ELSE TRUE
  END),
  CHECK (NOT blocked OR status = 'queued' AND slot IS NOT NULL),
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
) WITH (
  fillfactor = 70,
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
  autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 20000,
  autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 20000,
  autovacuum_vacuum_cost_delay = 0
);
CREATE INDEX live_run_task ON live_run (task_id);
CREATE INDEX live_run_parked ON live_run (task_id, id) WHERE status = 'parked';
CREATE INDEX live_run_queue ON live_run (priority, run_at, id) WHERE status = 'queued' AND NOT blocked;
CREATE INDEX live_run_care ON live_run (run_at) WHERE status = 'queued' AND NOT blocked AND (slot IS NOT NULL OR crashes > 0);
CREATE INDEX live_run_blocked ON live_run (slot, priority DESC, run_at, id) WHERE blocked;
CREATE INDEX live_run_waiting ON live_run (run_at) WHERE status = 'waiting';
CREATE INDEX live_run_leases ON live_run (locked_until) WHERE status = 'running';
CREATE INDEX live_run_cancels ON live_run (worker) WHERE cancel IS NOT NULL AND status = 'running';
CREATE INDEX live_run_suspects ON live_run (crashes) WHERE crashes > 0;
CREATE INDEX live_run_slots ON live_run (slot, status) WHERE slot IS NOT NULL;
CREATE INDEX live_run_dedupe ON live_run (dedupe, enqueued_at) WHERE dedupe IS NOT NULL;
CREATE UNIQUE INDEX live_run_parent ON live_run (parent, parent_step) WHERE parent IS NOT NULL;
CREATE INDEX live_run_reruns ON live_run (rerun_of) WHERE rerun_of IS NOT NULL;

-- The runs that have ended, column by column as they were.
CREATE TABLE past_run (
  LIKE live_run INCLUDING DEFAULTS,
  PRIMARY KEY (id),
  CHECK (status IN ('succeeded', 'failed', 'canceled') AND finished_at IS NOT NULL AND locked_until IS NULL AND NOT blocked),
  CHECK (dismissed_at IS NULL OR status = 'failed')
) WITH (autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);
CREATE INDEX past_run_task ON past_run (task_id, id);
CREATE INDEX past_run_age ON past_run (has_steps, finished_at);
CREATE INDEX past_run_dead ON past_run (id) WHERE status = 'failed' AND dismissed_at IS NULL;
CREATE INDEX past_run_dedupe ON past_run (dedupe, enqueued_at) WHERE dedupe IS NOT NULL;
CREATE UNIQUE INDEX past_run_parent ON past_run (parent, parent_step) WHERE parent IS NOT NULL;
CREATE INDEX past_run_reruns ON past_run (rerun_of) WHERE rerun_of IS NOT NULL;

-- Every run, to be read.
CREATE VIEW run AS SELECT * FROM live_run UNION ALL SELECT * FROM past_run;

CREATE TABLE step_result (
  run_id          uuid        NOT NULL,
  position        bigint      GENERATED ALWAYS AS IDENTITY, -- of one run: the order in which steps were first recorded
  started_at      timestamptz NOT NULL,
  finished_at     timestamptz,
  attempt         integer     NOT NULL,
  undoable        boolean     NOT NULL DEFAULT FALSE, -- it has something to undo when it has succeeded
  path            text        COLLATE "C" NOT NULL,
  status          text        COLLATE "C" NOT NULL CHECK (status IN ('running', 'waiting', 'succeeded', 'failed', 'skipped')),
  tool            text        COLLATE "C" NOT NULL,
  idempotency_key text        COLLATE "C" NOT NULL,
  input           text,
  output          text,
  failure         json,
  PRIMARY KEY (run_id, path)
) WITH (fillfactor = 90, autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);
CREATE INDEX step_undoable ON step_result (run_id) WHERE undoable AND status = 'succeeded';

-- What steps wait for: one row for each that stands at waiting.
CREATE TABLE wait (
  position bigint GENERATED ALWAYS AS IDENTITY, -- the order in which they began
  run_id   uuid   NOT NULL,
  path     text   COLLATE "C" NOT NULL,
  kind     text   COLLATE "C" NOT NULL CHECK (kind <> ''),
  key      text   COLLATE "C" NOT NULL,
  until    timestamptz,
  calls    text, -- that follow an approval
  answer   text,
  PRIMARY KEY (run_id, path)
);
CREATE INDEX wait_kind ON wait (kind);
CREATE INDEX wait_run ON wait (key) WHERE kind = 'run';
CREATE INDEX wait_answered ON wait (run_id) WHERE answer IS NOT NULL;

-- The names of slots. Whoever takes a slot or gives one back locks its name first,
-- so that those who count do so one after the other.
CREATE TABLE slot (
  name text COLLATE "C" NOT NULL PRIMARY KEY
);

-- What was told and has no position yet: lines of runs' logs, and events. Each is
-- written in the transaction of what it tells of. Those of transactions that are
-- still open are not seen here, so positions are given to what is.
CREATE TABLE outbox (
  id       bigint      GENERATED ALWAYS AS IDENTITY,
  at       timestamptz NOT NULL,
  until    timestamptz,
  run_id   uuid,
  task_id  uuid,
  attempt  integer     NOT NULL DEFAULT 0,
  depth    integer     NOT NULL DEFAULT 0,
  kind     text        COLLATE "C" NOT NULL CHECK (kind IN ('run', 'step', 'said', 'full', 'event')),
  step     text        COLLATE "C" NOT NULL DEFAULT '',
  tool     text        COLLATE "C" NOT NULL DEFAULT '',
  status   text        COLLATE "C" NOT NULL DEFAULT '',
  text     text        COLLATE "C" NOT NULL DEFAULT '',
  failure  json,
  topic    text        COLLATE "C", -- of a line it is made of what the line says
  source   text        COLLATE "C", -- NULL is the house itself, and then its position is its id
  event_id text        COLLATE "C",
  subject  text        COLLATE "C",
  actor    text        COLLATE "C",
  data     text
) WITH (
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
  autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 20000,
  autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 20000,
  autovacuum_vacuum_cost_delay = 0
);

-- The log: what was told, in the order in which readers see it.
CREATE TABLE event (
  seq      bigint      NOT NULL PRIMARY KEY,
  at       timestamptz NOT NULL,
  until    timestamptz,
  run_id   uuid,
  task_id  uuid,
  attempt  integer     NOT NULL DEFAULT 0,
  depth    integer     NOT NULL DEFAULT 0,
  kind     text        COLLATE "C" NOT NULL CHECK (kind IN ('run', 'step', 'said', 'full', 'event')),
  step     text        COLLATE "C" NOT NULL DEFAULT '',
  tool     text        COLLATE "C" NOT NULL DEFAULT '',
  status   text        COLLATE "C" NOT NULL DEFAULT '',
  text     text        COLLATE "C" NOT NULL DEFAULT '',
  failure  json,
  topic    text        COLLATE "C", -- of a line it is made of what the line says
  source   text        COLLATE "C", -- NULL is the house itself, and then its position is its id
  event_id text        COLLATE "C",
  subject  text        COLLATE "C",
  actor    text        COLLATE "C",
  data     text
) WITH (autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);
CREATE INDEX event_run ON event (run_id, seq);

-- The position that was given last.
CREATE TABLE event_end (
  one boolean NOT NULL PRIMARY KEY DEFAULT TRUE CHECK (one),
  seq bigint  NOT NULL
) WITH (fillfactor = 10);
INSERT INTO event_end (seq) VALUES (0);

-- How much of what tools said is kept of a run, and how many lines are not.
CREATE TABLE run_log_size (
  run_id  uuid    NOT NULL PRIMARY KEY,
  bytes   bigint  NOT NULL,
  missing integer NOT NULL
);

-- What becomes of runs and steps is told by triggers, so that no change of a status
-- is without its line. They see all rows of a statement at once: a batch costs one
-- insertion. A run that ends in the statement that moves it tells of its end there.
-- +goose StatementBegin
CREATE FUNCTION tell_run_made() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO ordinaut.outbox (at, run_id, task_id, depth, kind, attempt, status, until)
  SELECT enqueued_at, id, task_id, depth, 'run', 1, status, CASE WHEN run_at > enqueued_at THEN run_at END
  FROM made ORDER BY id;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER tell_run_made AFTER INSERT ON live_run
REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION tell_run_made();

-- The plan of a trigger is made when it is first called, mostly for one row: without
-- nested loops it is one for many, too.
-- +goose StatementBegin
CREATE FUNCTION tell_run_moved() RETURNS trigger LANGUAGE plpgsql SET enable_nestloop = off AS $$
DECLARE at timestamptz := ordinaut.clock();
BEGIN
  INSERT INTO ordinaut.outbox (at, run_id, task_id, depth, kind, attempt, status, text, failure, until)
  SELECT at, a.id, a.task_id, a.depth, 'run',
         CASE WHEN a.status = 'failed' THEN greatest(a.failures, 1) ELSE a.failures + 1 END, a.status,
         CASE WHEN a.ending IS NULL THEN a.reason ELSE 'undo' END,
         CASE WHEN a.status = 'failed' OR a.failures > b.failures THEN a.failure END,
         CASE WHEN a.status IN ('queued', 'waiting') AND a.run_at > at THEN a.run_at END
  FROM after AS a JOIN before AS b ON b.id = a.id
  WHERE a.status <> b.status
  ORDER BY a.id;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER tell_run_moved AFTER UPDATE ON live_run
REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION tell_run_moved();

-- +goose StatementBegin
CREATE FUNCTION tell_step_made() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO ordinaut.outbox (at, run_id, task_id, kind, step, attempt, tool, status, failure)
  SELECT ordinaut.clock(), s.run_id, r.task_id, 'step', s.path, s.attempt, s.tool, s.status, s.failure
  FROM made AS s LEFT JOIN ordinaut.live_run AS r ON r.id = s.run_id
  WHERE s.status <> 'waiting'
  ORDER BY s.position;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER tell_step_made AFTER INSERT ON step_result
REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION tell_step_made();

-- +goose StatementBegin
CREATE FUNCTION tell_step_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO ordinaut.outbox (at, run_id, task_id, kind, step, attempt, tool, status, failure)
  SELECT ordinaut.clock(), a.run_id, r.task_id, 'step', a.path, a.attempt, a.tool, a.status, a.failure
  FROM after AS a JOIN before AS b ON b.position = a.position LEFT JOIN ordinaut.live_run AS r ON r.id = a.run_id
  WHERE (a.status <> b.status OR a.attempt <> b.attempt) AND a.status <> 'waiting'
  ORDER BY a.position;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER tell_step_moved AFTER UPDATE ON step_result
REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION tell_step_moved();

-- A step that waits has its line when it is known for what.
-- +goose StatementBegin
CREATE FUNCTION tell_wait_made() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO ordinaut.outbox (at, run_id, task_id, kind, step, attempt, tool, status, text, until)
  SELECT ordinaut.clock(), w.run_id, r.task_id, 'step', w.path, coalesce(s.attempt, 1), coalesce(s.tool, ''), 'waiting', w.kind, w.until
  FROM made AS w
  LEFT JOIN ordinaut.step_result AS s ON s.run_id = w.run_id AND s.path = w.path
  LEFT JOIN ordinaut.live_run AS r ON r.id = w.run_id
  ORDER BY w.position;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER tell_wait_made AFTER INSERT ON wait
REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION tell_wait_made();
