-- +goose Up

-- Why the worker of a run is asked to end it. Such a run never waits again.
ALTER TABLE run ADD COLUMN cancel TEXT CHECK (cancel IS NULL OR status NOT IN ('queued', 'parked'));
CREATE INDEX run_cancels ON run (worker) WHERE cancel IS NOT NULL AND status = 'running';

-- The slots of a concurrency key: their name, and how many there are. A run has
-- those that its task named when the run was made.
ALTER TABLE task ADD COLUMN slot TEXT;
ALTER TABLE task ADD COLUMN slots INTEGER NOT NULL DEFAULT 1 CHECK (slots >= 1);
ALTER TABLE run ADD COLUMN slot TEXT;
ALTER TABLE run ADD COLUMN slots INTEGER NOT NULL DEFAULT 1 CHECK (slots >= 1);

-- A queued run that found every slot taken leaves the queue's index until one is
-- free, so that a claim never passes over it twice.
ALTER TABLE run ADD COLUMN blocked INTEGER NOT NULL DEFAULT 0 CHECK (blocked = 0 OR blocked = 1 AND status = 'queued' AND slot IS NOT NULL);
DROP INDEX run_queue;
CREATE INDEX run_queue ON run (priority, run_at, slot) WHERE status = 'queued' AND blocked = 0;
CREATE INDEX run_blocked ON run (slot, priority DESC, run_at) WHERE blocked = 1;
CREATE INDEX run_slots_taken ON run (slot) WHERE slot IS NOT NULL AND status = 'running';
CREATE INDEX run_slots ON run (slot, slots) WHERE slot IS NOT NULL AND finished_at IS NULL;

-- What a task's runs must not do twice, and within how many microseconds.
ALTER TABLE task ADD COLUMN dedupe TEXT;
ALTER TABLE task ADD COLUMN dedupe_window INTEGER NOT NULL DEFAULT 0;
ALTER TABLE run ADD COLUMN dedupe TEXT;
CREATE INDEX task_dedupe ON task (dedupe) WHERE dedupe IS NOT NULL;
CREATE INDEX run_dedupe ON run (dedupe, enqueued_at) WHERE dedupe IS NOT NULL;
