-- Since when a failed run has been dealt with. Only those that were not stand in
-- the index, so the others cost nothing.
-- +goose Up

ALTER TABLE run ADD COLUMN dismissed_at INTEGER CHECK (dismissed_at IS NULL OR status = 'failed');
CREATE INDEX run_dead ON run (id) WHERE status = 'failed' AND dismissed_at IS NULL;
