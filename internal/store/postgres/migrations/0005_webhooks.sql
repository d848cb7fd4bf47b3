-- +goose Up

-- Subscriptions: events that are sent to a URL. Secrets are sealed.
CREATE TABLE webhook (
  id               uuid        NOT NULL PRIMARY KEY,
  rev              integer     NOT NULL,
  url              text        COLLATE "C" NOT NULL,
  description      text        COLLATE "C" NOT NULL,
  topics           json        NOT NULL, -- patterns
  filter           text        COLLATE "C" NOT NULL,
  secret           bytea       NOT NULL,
  old_secret       bytea,
  old_secret_until timestamptz,
  created_by       text        COLLATE "C" NOT NULL,
  created_at       timestamptz NOT NULL,
  updated_at       timestamptz NOT NULL,
  after            bigint      NOT NULL, -- only events behind this position
  disabled         text        COLLATE "C" NOT NULL, -- why; '' while it is enabled
  failing_since    timestamptz,
  hold_until       timestamptz
) WITH (fillfactor = 50);

-- An event that is sent to a webhook. A delivery that somebody sends is due again
-- when his claim is over.
CREATE TABLE webhook_delivery (
  id         uuid        NOT NULL PRIMARY KEY,
  webhook_id uuid        NOT NULL REFERENCES webhook (id) ON DELETE CASCADE,
  event_seq  bigint      NOT NULL, -- negative when it is in no log
  event      json        NOT NULL,
  data       text        COLLATE "C",
  status     text        COLLATE "C" NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'delivered', 'failed')),
  created_at timestamptz NOT NULL,
  due_at     timestamptz NOT NULL,
  owner      text        COLLATE "C" NOT NULL DEFAULT '',
  tries      integer     NOT NULL DEFAULT 0,
  tried_at   timestamptz,
  ended_at   timestamptz,
  code       integer     NOT NULL DEFAULT 0,
  took       bigint      NOT NULL DEFAULT 0, -- microseconds
  answer     text        COLLATE "C" NOT NULL DEFAULT '',
  fault      text        COLLATE "C" NOT NULL DEFAULT '',
  UNIQUE (webhook_id, event_seq)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
CREATE INDEX webhook_delivery_due ON webhook_delivery (webhook_id, due_at, id) WHERE status = 'pending';
CREATE INDEX webhook_delivery_held ON webhook_delivery (webhook_id, due_at) WHERE owner <> '';
CREATE INDEX webhook_delivery_log ON webhook_delivery (webhook_id, id);
CREATE INDEX webhook_delivery_ended ON webhook_delivery (ended_at) WHERE ended_at IS NOT NULL;

-- Doors by which others tell of their events. Secrets are sealed.
CREATE TABLE hook (
  name             text        COLLATE "C" NOT NULL PRIMARY KEY,
  rev              integer     NOT NULL,
  description      text        COLLATE "C" NOT NULL,
  verify           text        COLLATE "C" NOT NULL,
  header           text        COLLATE "C" NOT NULL,
  secret           bytea       NOT NULL,
  old_secret       bytea,
  old_secret_until timestamptz,
  map              json        NOT NULL,
  disabled         boolean     NOT NULL,
  created_by       text        COLLATE "C" NOT NULL,
  created_at       timestamptz NOT NULL,
  updated_at       timestamptz NOT NULL,
  accepted         bigint      NOT NULL DEFAULT 0,
  repeated         bigint      NOT NULL DEFAULT 0,
  refused          bigint      NOT NULL DEFAULT 0,
  accepted_at      timestamptz,
  refused_at       timestamptz,
  refusal          text        COLLATE "C" NOT NULL DEFAULT ''
) WITH (fillfactor = 50);
