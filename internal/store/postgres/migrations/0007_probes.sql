-- +goose Up

-- How the conditions of tasks stand. There is a row for each that somebody has
-- begun to look at.
CREATE TABLE probe (
  task_id     uuid        NOT NULL PRIMARY KEY REFERENCES task (id),
  fence       bigint      NOT NULL,
  lease_until timestamptz, -- somebody looks until then
  version     bigint      NOT NULL DEFAULT 0, -- of the task, when it was looked at
  basis       text        COLLATE "C" NOT NULL DEFAULT '',
  holds       boolean     NOT NULL DEFAULT FALSE,
  since       timestamptz,
  looked_at   timestamptz,
  next_at     timestamptz NOT NULL DEFAULT to_timestamp(0),
  failures    integer     NOT NULL DEFAULT 0,
  failure     json
) WITH (fillfactor = 50);
CREATE INDEX task_condition ON task (id) WHERE kind = 'condition' AND status = 'active';
