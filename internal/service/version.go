package service

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/ordinaut/ordinaut"
)

// TaskVersions asks for the definitions that a task has had.
type TaskVersions struct {
	Task   string `json:"task" doc:"The id or key of the task."`
	Limit  int    `json:"limit,omitempty" minimum:"1" maximum:"200" default:"50" doc:"How many at most."`
	Before int    `json:"before,omitempty" minimum:"2" doc:"Only versions before this one: next_before of the page before."`
}

// VersionPage is one page of versions.
type VersionPage struct {
	Items      []TaskVersion `json:"items" doc:"The versions, newest first." nullable:"false"`
	NextBefore *int          `json:"next_before" doc:"Send it as before for the next page; null on the last."`
}

// TaskVersion is a definition that a task has, or had.
type TaskVersion struct {
	Version int      `json:"version" doc:"Its number, counted from 1."`
	Current bool     `json:"current" doc:"The task has it now."`
	Changed []string `json:"changed" doc:"The fields that differ from the version before." nullable:"false"`
	ordinaut.Definition
}

// ListVersions lists the definitions that a task has had, newest first.
func (s *Service) ListVersions(ctx context.Context, r TaskVersions) (VersionPage, error) {
	t, err := s.find(ctx, r.Task)
	if err != nil {
		return VersionPage{}, err
	}
	newest := t.Version
	if r.Before > 0 {
		newest = min(newest, r.Before-1)
	}
	oldest := max(newest-pageLimit(r.Limit)+1, 1)
	page := VersionPage{Items: []TaskVersion{}}
	var was ordinaut.Definition // of the version before
	if oldest > 1 {
		page.NextBefore = &oldest
		if was, err = s.store.Definition(ctx, t.ID, oldest-1); err != nil {
			return VersionPage{}, fmt.Errorf("read version %d: %w", oldest-1, err)
		}
	}
	for n := oldest; n <= newest; n++ {
		d, err := s.store.Definition(ctx, t.ID, n)
		if err != nil {
			return VersionPage{}, fmt.Errorf("read version %d: %w", n, err)
		}
		v := TaskVersion{Version: n, Current: n == t.Version, Changed: []string{}, Definition: d}
		if n > 1 {
			v.Changed = append(v.Changed, changed(was, d)...)
		}
		page.Items, was = append(page.Items, v), d
	}
	slices.Reverse(page.Items)
	return page, nil
}

// changed names the fields in which two definitions differ, in alphabetical
// order.
func changed(was, is ordinaut.Definition) (names []string) {
	a, b := fieldsOf(was), fieldsOf(is)
	for _, name := range union(a, b) {
		if string(a[name]) != string(b[name]) {
			names = append(names, name)
		}
	}
	return names
}

func fieldsOf(d ordinaut.Definition) (fields map[string]json.RawMessage) {
	text, err := json.Marshal(d)
	if err == nil {
		_ = json.Unmarshal(text, &fields) // it was made one line above
	}
	return fields
}

// union is the names that either has, in alphabetical order.
func union[T any](a, b map[string]T) (names []string) {
	for _, fields := range []map[string]T{a, b} {
		for name := range fields {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Rollback asks for a task to be defined again as it was.
type Rollback struct {
	Task    string `json:"task" doc:"The id or key of the task."`
	Version int    `json:"version" minimum:"1" doc:"The version whose definition it is to have." example:"1"`
}

// RollBack gives a task the definition of an earlier version, as a new version.
// Everything about it is checked as if it were sent now, and the tools that it
// names are accepted as they are now.
func (s *Service) RollBack(ctx context.Context, r Rollback) (Task, error) {
	t, err := s.find(ctx, r.Task)
	if err != nil {
		return Task{}, err
	}
	d, err := s.store.Definition(ctx, t.ID, r.Version)
	if errors.Is(err, ordinaut.ErrNotFound) {
		return Task{}, &ordinaut.Error{
			Code: ordinaut.CodeTaskVersion, At: "/version", Sent: r.Version,
			Message: fmt.Sprintf("%s has no version %d; its newest is %d", t.Key, r.Version, t.Version),
			Fix:     "see which there are: ordinaut tasks versions " + t.Key,
		}
	}
	if err != nil {
		return Task{}, err
	}
	d.ToolFingerprints = nil
	return s.redefine(ctx, t.ID, func(ordinaut.Definition) (ordinaut.Definition, error) { return d, nil })
}
