-- +goose Up

-- The processes at the store, as each last told of itself.
CREATE TABLE worker (
  name       text        COLLATE "C" NOT NULL PRIMARY KEY,
  host       text        COLLATE "C" NOT NULL,
  pid        integer     NOT NULL,
  version    text        COLLATE "C" NOT NULL,
  roles      text[]      COLLATE "C" NOT NULL,
  slots      integer     NOT NULL,
  busy       integer     NOT NULL,
  started_at timestamptz NOT NULL,
  seen_at    timestamptz NOT NULL,
  draining   boolean     NOT NULL
) WITH (fillfactor = 50);
