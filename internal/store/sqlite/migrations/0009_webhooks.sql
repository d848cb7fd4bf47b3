-- +goose Up

-- Subscriptions: events that are sent to a URL. Secrets are sealed.
CREATE TABLE webhook (
  id               TEXT    NOT NULL PRIMARY KEY,
  rev              INTEGER NOT NULL,
  url              TEXT    NOT NULL,
  description      TEXT    NOT NULL,
  topics           TEXT    NOT NULL CHECK (json_valid(topics)),
  filter           TEXT    NOT NULL,
  secret           BLOB    NOT NULL,
  old_secret       BLOB,
  old_secret_until INTEGER,
  created_by       TEXT    NOT NULL,
  created_at       INTEGER NOT NULL,
  updated_at       INTEGER NOT NULL,
  after            INTEGER NOT NULL, -- only events behind this position
  disabled         TEXT    NOT NULL, -- why; '' while it is enabled
  failing_since    INTEGER,
  hold_until       INTEGER
) STRICT;

-- An event that is sent to a webhook. A delivery that somebody sends is due again
-- when his claim is over.
CREATE TABLE webhook_delivery (
  id         TEXT    NOT NULL PRIMARY KEY,
  webhook_id TEXT    NOT NULL REFERENCES webhook (id) ON DELETE CASCADE,
  event_seq  INTEGER NOT NULL,       -- negative when it is in no log
  event      TEXT    NOT NULL CHECK (json_valid(event)),
  data       TEXT,
  status     TEXT    NOT NULL CHECK (status IN ('pending', 'delivered', 'failed')),
  created_at INTEGER NOT NULL,
  due_at     INTEGER NOT NULL,
  owner      TEXT    NOT NULL DEFAULT '',
  tries      INTEGER NOT NULL DEFAULT 0,
  tried_at   INTEGER,
  ended_at   INTEGER,
  code       INTEGER NOT NULL DEFAULT 0,
  took       INTEGER NOT NULL DEFAULT 0, -- microseconds
  answer     TEXT    NOT NULL DEFAULT '',
  fault      TEXT    NOT NULL DEFAULT '',
  UNIQUE (webhook_id, event_seq)
) STRICT;
CREATE INDEX webhook_delivery_due ON webhook_delivery (webhook_id, due_at, id) WHERE status = 'pending';
CREATE INDEX webhook_delivery_held ON webhook_delivery (webhook_id, due_at) WHERE owner <> '';
CREATE INDEX webhook_delivery_log ON webhook_delivery (webhook_id, id);
CREATE INDEX webhook_delivery_ended ON webhook_delivery (ended_at) WHERE ended_at IS NOT NULL;

-- Doors by which others tell of their events. Secrets are sealed.
CREATE TABLE hook (
  name             TEXT    NOT NULL PRIMARY KEY,
  rev              INTEGER NOT NULL,
  description      TEXT    NOT NULL,
  verify           TEXT    NOT NULL,
  header           TEXT    NOT NULL,
  secret           BLOB    NOT NULL,
  old_secret       BLOB,
  old_secret_until INTEGER,
  map              TEXT    NOT NULL CHECK (json_valid(map)),
  disabled         INTEGER NOT NULL CHECK (disabled IN (0, 1)),
  created_by       TEXT    NOT NULL,
  created_at       INTEGER NOT NULL,
  updated_at       INTEGER NOT NULL,
  accepted         INTEGER NOT NULL DEFAULT 0,
  repeated         INTEGER NOT NULL DEFAULT 0,
  refused          INTEGER NOT NULL DEFAULT 0,
  accepted_at      INTEGER,
  refused_at       INTEGER,
  refusal          TEXT    NOT NULL DEFAULT ''
) STRICT;
