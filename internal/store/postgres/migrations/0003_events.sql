-- +goose Up

CREATE INDEX event_told ON event (seq) WHERE kind = 'event';

-- The names of events that were given by their source: each counts once.
CREATE TABLE event_name (
  source   text        COLLATE "C" NOT NULL,
  event_id text        COLLATE "C" NOT NULL,
  at       timestamptz NOT NULL,
  PRIMARY KEY (source, event_id)
);
CREATE INDEX event_name_age ON event_name (at);

-- What is gone of the log. Up to swept events were deleted for their age, and up
-- to gone any event may be missing.
CREATE TABLE event_gone (
  one   boolean NOT NULL PRIMARY KEY DEFAULT TRUE CHECK (one),
  swept bigint  NOT NULL,
  gone  bigint  NOT NULL
);
INSERT INTO event_gone (swept, gone) VALUES (0, 0);

-- How far those have come who read the log one event after the other.
CREATE TABLE reader (
  name  text        COLLATE "C" NOT NULL PRIMARY KEY CHECK (name <> ''),
  after bigint      NOT NULL,
  owner text        COLLATE "C" NOT NULL,
  until timestamptz NOT NULL, -- as long as the owner has it
  at    timestamptz NOT NULL  -- when it was last read
) WITH (fillfactor = 50);

-- Groups of consumers, and the events that were given out to each.
CREATE TABLE consumer_group (
  name       text        COLLATE "C" NOT NULL PRIMARY KEY CHECK (name <> ''),
  topics     json        NOT NULL, -- patterns
  created_by text        COLLATE "C" NOT NULL,
  created_at timestamptz NOT NULL,
  after      bigint      NOT NULL -- events up to this position were given out
) WITH (fillfactor = 50);
CREATE TABLE group_delivery (
  consumer_group text        COLLATE "C" NOT NULL,
  seq            bigint      NOT NULL,
  consumer       text        COLLATE "C" NOT NULL,
  tries          integer     NOT NULL,
  until          timestamptz NOT NULL, -- when it is given to another; of one that was given up, since when it is
  dead           text        COLLATE "C" NOT NULL DEFAULT '', -- why it was given up
  PRIMARY KEY (consumer_group, seq)
) WITH (
  fillfactor = 80,
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
  autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 20000,
  autovacuum_vacuum_cost_delay = 0
);
CREATE INDEX group_delivery_due ON group_delivery (consumer_group, until) WHERE dead = '';
CREATE INDEX group_delivery_pending ON group_delivery (seq) WHERE dead = '';
CREATE INDEX group_delivery_dead ON group_delivery (until) WHERE dead <> '';
