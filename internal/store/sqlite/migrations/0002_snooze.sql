-- The occurrence of a task that is put off, as JSON: nominal, until, reason.
-- +goose Up

ALTER TABLE task ADD COLUMN snooze TEXT;
