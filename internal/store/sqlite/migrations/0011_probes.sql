-- +goose Up

-- How the conditions of tasks stand. There is a row for each that somebody has
-- begun to look at.
CREATE TABLE probe (
  task_id     TEXT    NOT NULL PRIMARY KEY REFERENCES task (id),
  fence       INTEGER NOT NULL,
  lease_until INTEGER NOT NULL, -- somebody looks until then; 0 is nobody
  version     INTEGER NOT NULL DEFAULT 0, -- of the task, when it was looked at
  basis       TEXT    NOT NULL DEFAULT '',
  holds       INTEGER NOT NULL DEFAULT 0 CHECK (holds IN (0, 1)),
  since       INTEGER,
  looked_at   INTEGER,
  next_at     INTEGER NOT NULL DEFAULT 0,
  failures    INTEGER NOT NULL DEFAULT 0,
  failure     TEXT
) STRICT;
CREATE INDEX task_condition ON task (id) WHERE kind = 'condition' AND status = 'active';
