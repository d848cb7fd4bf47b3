package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ordinaut/ordinaut"
)

// taskFile is one task in a file.
type taskFile struct {
	name   string // of the file, with the number of the document when it has several
	path   string
	fields fields
}

func (t taskFile) key() string { return plain(t.fields["key"]) }

// filesFlag is the flag that names files and folders of tasks.
func filesFlag(c *cobra.Command, paths *[]string) {
	c.Flags().StringArrayVarP(paths, "file", "f", nil, "`FILE` of tasks, YAML or JSON, or a folder of such files; - is stdin. May be repeated")
}

// taskFiles reads all tasks in the files and folders. Every file that cannot be
// used is told.
func (a *app) taskFiles(c *cobra.Command, paths []string) ([]taskFile, error) {
	if len(paths) == 0 {
		return nil, usage(c, c.CommandPath()+" needs a file", "name it with -f, or a folder of files")
	}
	var all []taskFile
	var faults ordinaut.Errors
	for _, path := range paths {
		files, err := filesIn(path)
		if err != nil {
			faults.Add(badTaskFile(path, err))
		}
		for _, file := range files {
			tasks, err := a.tasksIn(file, file != path)
			faults.Add(err)
			all = append(all, tasks...)
		}
	}
	if len(all) == 0 && len(faults) == 0 {
		faults.Add(badTaskFile(strings.Join(paths, ", "), errors.New("there is no task in it")))
	}
	return all, faults.Err()
}

// filesIn is a file itself, or every YAML and JSON file in a folder and the
// folders below it, in order. Hidden ones and mocks are left out.
func filesIn(path string) (files []string, err error) {
	if info, err := os.Stat(path); path == "-" || err != nil || !info.IsDir() {
		return []string{path}, nil // reading it says what is wrong with it
	}
	err = filepath.WalkDir(path, func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case file != path && strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return fs.SkipDir
			}
		case !d.IsDir() && slices.Contains(extensions(), filepath.Ext(file)) && !isMocks(file):
			files = append(files, file)
		}
		return nil
	})
	return files, err
}

// extensions are the endings of files that may hold tasks.
func extensions() []string { return []string{".yaml", ".yml", ".json"} }

// isMocks says whether a file is called like the mocks of another one.
func isMocks(file string) bool {
	name := strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
	return name == "mocks" || strings.HasSuffix(name, ".mocks")
}

// tasksIn reads the tasks of one file. One that was found in a folder may hold
// something else.
func (a *app) tasksIn(file string, found bool) ([]taskFile, error) {
	documents, err := a.readDocuments(file)
	if err != nil {
		return nil, badTaskFile(file, err)
	}
	var all []taskFile
	for _, d := range flattened(documents) {
		var one fields
		if err := json.Unmarshal(d, &one); err != nil {
			return nil, badTaskFile(file, errors.New("it does not hold an object"))
		}
		if found && one["payload"] == nil && one["schedule_kind"] == nil {
			a.say("left out %s: it holds no task", file)
			return nil, nil
		}
		delete(one, "$schema") // it is for editors
		all = append(all, taskFile{path: file, fields: one})
	}
	for i := range all {
		all[i].name = file
		if len(all) > 1 {
			all[i].name = fmt.Sprintf("%s, task %d", file, i+1)
		}
	}
	return all, nil
}

// flattened is the documents with the items of lists as documents, and without
// those that hold nothing.
func flattened(documents []json.RawMessage) (all []json.RawMessage) {
	for _, d := range documents {
		var list []json.RawMessage
		switch {
		case bytes.Equal(bytes.TrimSpace(d), []byte("null")):
		case json.Unmarshal(d, &list) == nil:
			all = append(all, list...)
		default:
			all = append(all, d)
		}
	}
	return all
}

func badTaskFile(file string, err error) error {
	return &ordinaut.Error{
		Code: ordinaut.CodeCommandUsage, Message: fmt.Sprintf("the file %s cannot be used: %v", file, err),
		Fix: "give files that hold tasks, in YAML or JSON",
	}
}

// inFile says of faults in which file they are. Others are not about the file,
// and end what is being done.
func (t taskFile) inFile(err error, faults *ordinaut.Errors) error {
	switch e := ordinaut.AsError(err); {
	case err == nil:
	case e.Kind() == ordinaut.KindInvalid, e.Kind() == ordinaut.KindMalformed && e.Code != ordinaut.CodeCommandUsage,
		e.Kind() == ordinaut.KindConflict, e.Kind() == ordinaut.KindTooMany:
		for _, f := range e.All() {
			at := t.name
			if f.At != "" {
				at += " at " + f.At
			}
			faults.Add(f.Moved(at))
		}
	default:
		return err
	}
	return nil
}

// taken is what a command about pipelines takes from the document in a file. It
// may be a payload alone, or a whole task, of which it takes what it knows.
func (in *input) taken(document fields) fields {
	delete(document, "$schema") // it is for editors
	aboutPipelines := in.properties["payload"] != nil && in.properties["schedule_kind"] == nil
	switch {
	case aboutPipelines && document["pipeline"] != nil && document["payload"] == nil:
		payload, _ := json.Marshal(document) // it was JSON before
		return fields{"payload": payload}
	case aboutPipelines && document["schedule_kind"] != nil:
		maps.DeleteFunc(document, func(name string, _ json.RawMessage) bool { return in.properties[name] == nil })
	}
	return document
}
