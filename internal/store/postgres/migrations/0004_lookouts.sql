-- +goose Up

-- Who looks out for events: a task, or a step that waits.
CREATE TABLE lookout (
  number  bigint NOT NULL PRIMARY KEY,
  since   bigint NOT NULL, -- events up to this position are not its business
  behind  bigint, -- the events up to here were matched with it, and no other; NULL is all up to the cursor
  task_id uuid   UNIQUE,
  run_id  uuid,
  path    text   COLLATE "C",
  expr    text   COLLATE "C" NOT NULL CHECK (expr <> ''),
  UNIQUE (run_id, path),
  FOREIGN KEY (run_id, path) REFERENCES wait (run_id, path) ON DELETE CASCADE,
  CHECK ((task_id IS NULL) = (run_id IS NOT NULL))
);
CREATE INDEX lookout_behind ON lookout (behind) WHERE behind IS NOT NULL;

-- Up to where events were matched, and the number that the newest lookout has.
-- Whoever begins to look out, and whoever matches, holds the row until the commit:
-- so each Match knows who looks out, and numbers are committed in their order.
CREATE TABLE matching (
  one    boolean NOT NULL PRIMARY KEY DEFAULT TRUE CHECK (one),
  cursor bigint  NOT NULL,
  number bigint  NOT NULL
) WITH (fillfactor = 10);
INSERT INTO matching (cursor, number) VALUES (0, 0);

-- The events that have made a run of a task, or joined one.
CREATE TABLE triggered (
  seq     bigint NOT NULL,
  task_id uuid   NOT NULL,
  PRIMARY KEY (seq, task_id)
);

-- The newest run of a task for what events have in common, and how many of them
-- it has gathered.
CREATE TABLE gathering (
  task_id  uuid        NOT NULL,
  per      text        COLLATE "C" NOT NULL,
  run_id   uuid        NOT NULL,
  since    timestamptz NOT NULL,
  gathered integer     NOT NULL,
  PRIMARY KEY (task_id, per)
);
CREATE INDEX gathering_age ON gathering (since);
