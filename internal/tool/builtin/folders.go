package builtin

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// folders are where a tool may read files, and nowhere else: an agent that can
// name any file of the server could read its keys.
type folders []string

// read reads a text file: of a relative path the first that is there, and an
// absolute one where it lies. Links are followed as long as they stay in the
// folder, which the operating system itself sees to.
func (f folders) read(path string) (string, error) {
	within := false
	for _, folder := range f {
		name, ok := nameIn(folder, path)
		if !ok {
			continue
		}
		within = true
		text, err := readIn(folder, name)
		if err == nil || !errors.Is(err, fs.ErrNotExist) {
			return text, fileFault(path, err)
		}
	}
	if within {
		return "", fileFault(path, fs.ErrNotExist)
	}
	return "", f.refuse(path)
}

// nameIn is the name of a path inside a folder, if it lies there.
func nameIn(folder, path string) (name string, ok bool) {
	if !filepath.IsAbs(path) {
		return path, filepath.IsLocal(path)
	}
	absolute, _ := filepath.Abs(folder)
	real, _ := filepath.EvalSymlinks(absolute)
	for _, f := range []string{absolute, real} {
		if name, err := filepath.Rel(f, path); err == nil && filepath.IsLocal(name) {
			return name, true
		}
	}
	return "", false
}

// unfit says why a file that is there is none to be read.
type unfit string

func (u unfit) Error() string { return string(u) }

func readIn(folder, name string) (string, error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return "", err
	}
	defer root.Close()
	// A pipe would be waited for when it is opened.
	if info, err := root.Stat(name); err != nil {
		return "", err
	} else if !info.Mode().IsRegular() {
		return "", unfit("it is a folder, or no regular file")
	}
	file, err := root.Open(name)
	if err != nil {
		return "", err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, limits.ToolFrameBytes+1))
	if err == nil && len(data) > limits.ToolFrameBytes {
		return "", unfit(fmt.Sprintf("it has more than %d bytes", limits.ToolFrameBytes))
	}
	return string(data), err
}

// fileFault tells why a file in an allowed folder cannot be read.
func fileFault(path string, err error) error {
	if err == nil {
		return nil
	}
	fault := &ordinaut.Error{
		Code:    ordinaut.CodeToolInput,
		At:      "/file",
		Sent:    path,
		Message: "the file cannot be read",
		Fix:     "check that it is a file that the server may read, and no link that leads out of the folder",
		Err:     err,
	}
	if errors.Is(err, fs.ErrNotExist) {
		fault.Message, fault.Fix = "there is no such file", "check its name, or put it there"
	}
	if reason, ok := errors.AsType[unfit](err); ok {
		fault.Message += ": " + reason.Error()
	}
	return fault
}

// refuse tells that a path lies in no allowed folder, and how to allow it.
func (f folders) refuse(path string) error {
	fix := "let the operator allow the folder in which it lies, with --calendar-folder"
	if len(f) > 0 {
		fix = fmt.Sprintf("put it into %s in the data folder of the server, or %s", filepath.Base(f[0]), fix)
	}
	return &ordinaut.Error{
		Code:    ordinaut.CodeToolInput,
		At:      "/file",
		Sent:    path,
		Message: "the file lies in no folder that may be read",
		Fix:     fix + "; or send the calendar as url or text",
	}
}
