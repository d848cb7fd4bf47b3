-- Every instant is a timestamptz, every id a uuid, and every other text sorts by
-- its bytes. A document is json where SQL looks into it, and otherwise text.
-- +goose Up

-- The store's clock. Tests replace it by one that stands still.
CREATE FUNCTION ordinaut.clock() RETURNS timestamptz
LANGUAGE sql VOLATILE AS 'SELECT clock_timestamp()';

CREATE TABLE agent (
  id         uuid        NOT NULL PRIMARY KEY,
  name       text        COLLATE "C" NOT NULL UNIQUE,
  kind       text        COLLATE "C" NOT NULL CHECK (kind IN ('person', 'agent', 'service')),
  scopes     json        NOT NULL,
  created_at timestamptz NOT NULL
);

-- The newest definition lies in the task, so that one read finds all of it.
CREATE TABLE task (
  id            uuid        NOT NULL PRIMARY KEY,
  key           text        COLLATE "C" NOT NULL CHECK (key <> ''),
  created_by    uuid        NOT NULL REFERENCES agent (id),
  version       integer     NOT NULL CHECK (version >= 1),
  status        text        COLLATE "C" NOT NULL CHECK (status IN ('active', 'paused', 'canceled', 'completed')),
  created_at    timestamptz NOT NULL,
  updated_at    timestamptz NOT NULL,
  kind          text        COLLATE "C" NOT NULL,
  priority      integer     NOT NULL CHECK (priority BETWEEN 1 AND 9),
  anchor        timestamptz NOT NULL,
  cursor        timestamptz NOT NULL,
  plan_rev      bigint      NOT NULL,
  next_fire_at  timestamptz,
  slot          text        COLLATE "C", -- the concurrency key of its runs
  slots         integer     NOT NULL DEFAULT 1 CHECK (slots >= 1),
  dedupe        text        COLLATE "C", -- what its runs must not do twice, and within how long
  dedupe_window interval    NOT NULL DEFAULT '0',
  snooze        json, -- the occurrence that is put off: nominal, until, reason
  definition    json        NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
CREATE UNIQUE INDEX task_key ON task (created_by, key) WHERE status <> 'canceled';
CREATE INDEX task_key_ever ON task (created_by, key, id);
CREATE INDEX task_unfinished ON task (created_by) WHERE status IN ('active', 'paused');
CREATE INDEX task_due ON task (next_fire_at) WHERE status = 'active' AND next_fire_at IS NOT NULL;
CREATE INDEX task_dedupe ON task (dedupe) WHERE dedupe IS NOT NULL;

CREATE TABLE task_version (
  task_id    uuid    NOT NULL REFERENCES task (id),
  version    integer NOT NULL,
  definition json    NOT NULL,
  PRIMARY KEY (task_id, version)
);

-- The ledger outlives the runs, so an occurrence does not refer to its run. Tasks
-- are never deleted, and who writes here has just locked the task.
CREATE TABLE occurrence (
  task_id uuid        NOT NULL,
  nominal timestamptz NOT NULL,
  run_id  uuid        NOT NULL,
  PRIMARY KEY (task_id, nominal)
);
CREATE INDEX occurrence_age ON occurrence (nominal);

CREATE TABLE gap (
  task_id uuid        NOT NULL,
  first   timestamptz NOT NULL,
  last    timestamptz NOT NULL,
  count   integer     NOT NULL CHECK (count >= 1),
  more    boolean     NOT NULL,
  reason  text        COLLATE "C" NOT NULL CHECK (reason <> ''),
  PRIMARY KEY (task_id, first),
  CHECK (first <= last)
);
CREATE INDEX gap_age ON gap (last);

-- An entry has its position when the audit is first read after its commit: given
-- at the insert, an entry might appear before one that was read already.
CREATE TABLE audit (
  id       bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  position bigint      UNIQUE,
  at       timestamptz NOT NULL,
  actor    text        COLLATE "C" NOT NULL,
  action   text        COLLATE "C" NOT NULL CHECK (action <> ''),
  subject  text        COLLATE "C" NOT NULL,
  detail   text        COLLATE "C"
);
CREATE INDEX audit_unplaced ON audit (id) WHERE position IS NULL;

CREATE TABLE artifact (
  id           uuid        NOT NULL PRIMARY KEY,
  run_id       uuid        NOT NULL,
  step         text        COLLATE "C" NOT NULL,
  bytes        bigint      NOT NULL,
  sha256       text        COLLATE "C" NOT NULL,
  content_type text        COLLATE "C" NOT NULL,
  created_at   timestamptz NOT NULL,
  kept         boolean     NOT NULL DEFAULT FALSE -- a step refers to it
);
CREATE INDEX artifact_run ON artifact (run_id);
CREATE INDEX artifact_orphan ON artifact (created_at) WHERE NOT kept;

-- Each part is compressed by itself (DEFLATE).
CREATE TABLE artifact_part (
  artifact_id uuid    NOT NULL REFERENCES artifact (id) ON DELETE CASCADE,
  n           integer NOT NULL,
  data        bytea   NOT NULL,
  PRIMARY KEY (artifact_id, n)
);
ALTER TABLE artifact_part ALTER COLUMN data SET STORAGE EXTERNAL;

-- What this store alone knows, such as what it signs links with.
CREATE TABLE secret (
  name  text  COLLATE "C" NOT NULL PRIMARY KEY,
  value bytea NOT NULL
);
