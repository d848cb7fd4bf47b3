-- Why the worker of a run is asked to end it. Such a run never waits again.
-- +goose Up

ALTER TABLE run ADD COLUMN cancel TEXT CHECK (cancel IS NULL OR status NOT IN ('queued', 'parked'));
CREATE INDEX run_cancels ON run (worker) WHERE cancel IS NOT NULL AND status = 'running';
