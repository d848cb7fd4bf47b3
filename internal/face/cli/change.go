package cli

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/ordinaut/ordinaut"
)

// change is what becomes of one task.
type change struct {
	Key        string          `json:"key"`
	Outcome    string          `json:"outcome"`
	File       string          `json:"file,omitempty"`
	Version    int             `json:"version"`
	Status     string          `json:"status"`
	Sentence   string          `json:"sentence"`
	NextFireAt json.RawMessage `json:"next_fire_at"`

	file    taskFile
	was, is json.RawMessage // the task as it is shown; nothing when there is none
}

// The outcomes.
const (
	outcomeCreated   = "created"
	outcomeChanged   = "changed"
	outcomeUnchanged = "unchanged"
	outcomeCanceled  = "canceled"
)

// plan asks the server what the files would change. Every fault in every file is
// told.
func (a *app) plan(ctx context.Context, files []taskFile) ([]change, error) {
	var faults ordinaut.Errors
	var changes []change
	from := map[string]string{}
	for _, f := range files {
		switch other, twice := from[f.key()]; {
		case f.key() == "":
			faults.Add(&ordinaut.Error{
				Code: ordinaut.CodeFieldRequired, At: f.name + " at /key", Message: "a task in a file needs a key, by which it is found again",
				Fix: "give it one", Examples: []string{"key: morning-briefing"},
			})
			continue
		case twice:
			faults.Add(&ordinaut.Error{
				Code: ordinaut.CodeFieldValue, At: f.name + " at /key", Sent: f.key(), Message: "the task in " + other + " has this key too", Fix: "give one of them another key",
			})
			continue
		}
		from[f.key()] = f.name
		one, err := a.planOne(ctx, f)
		if err := f.inFile(err, &faults); err != nil {
			return nil, err
		}
		changes = append(changes, one)
	}
	return changes, faults.Err()
}

// planOne asks what one file would change.
func (a *app) planOne(ctx context.Context, f taskFile) (change, error) {
	ch := change{Key: f.key(), Outcome: outcomeCreated, File: f.path, file: f}
	was, err := a.do(ctx, getTask, fields{"task": f.fields["key"]})
	if err != nil && ordinaut.AsError(err).Kind() != ordinaut.KindNotFound {
		return ch, err
	}
	var before change
	if err == nil {
		if err := json.Unmarshal(was, &before); err != nil {
			return ch, fmt.Errorf("read the task %s: %w", ch.Key, err)
		}
		if before.Status != string(ordinaut.TaskCanceled) {
			ch.was, ch.Outcome = was, outcomeChanged
		}
	}
	if ch.is, err = a.do(ctx, createTask, f.with("dry_run", json.RawMessage("true"))); err != nil {
		return ch, err
	}
	if err := json.Unmarshal(ch.is, &ch); err != nil {
		return ch, fmt.Errorf("read the task %s: %w", ch.Key, err)
	}
	if ch.Outcome == outcomeChanged && ch.Version == before.Version {
		ch.Outcome = outcomeUnchanged
	}
	return ch, nil
}

// with is the fields of the task and one more.
func (t taskFile) with(name string, value json.RawMessage) fields {
	all := fields{name: value}
	for name, value := range t.fields {
		all[name] = value
	}
	return all
}

// makeChange does what was planned.
func (a *app) makeChange(ctx context.Context, ch *change, dryRun bool) (err error) {
	switch {
	case dryRun, ch.Outcome == outcomeUnchanged:
		return nil
	case ch.Outcome == outcomeCanceled:
		key, _ := quoted(ch.Key) // a string always marshals
		ch.is, err = a.do(ctx, cancelTask, fields{"task": key})
	default:
		ch.is, err = a.do(ctx, createTask, ch.file.fields)
	}
	if err != nil {
		return err
	}
	return json.Unmarshal(ch.is, ch)
}
