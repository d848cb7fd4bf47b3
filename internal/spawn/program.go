package spawn

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/ordinaut/ordinaut"
)

// find finds the program of a command, and makes sure that there is a folder to
// start it in.
func find(c Command) (string, error) {
	if c.Path == "" {
		return "", cannot("no program is named", "name the program in command", nil)
	}
	if err := checkText(c); err != nil {
		return "", err
	}
	if c.Dir != "" {
		if info, err := os.Stat(c.Dir); err != nil || !info.IsDir() {
			return "", about(c.Dir, "the folder "+c.Dir+" is not there", "make the folder, or name another in cwd", err)
		}
	}
	if strings.ContainsRune(c.Path, '/') || strings.ContainsRune(c.Path, filepath.Separator) {
		return lookAt(c)
	}
	return lookUp(c.Path, filepath.SplitList(variable(c.Env, "PATH")))
}

// checkText refuses what no system can hand over.
func checkText(c Command) error {
	for _, text := range append(append([]string{c.Path, c.Dir}, c.Args...), c.Env...) {
		if strings.ContainsRune(text, 0) {
			return cannot("an argument or variable of it holds a NUL character", "leave the NUL character out of command, args, cwd and env", nil)
		}
	}
	return nil
}

// lookAt finds a program that is named by its path. A relative path begins in
// the folder of the command.
func lookAt(c Command) (string, error) {
	path := c.Path
	if !filepath.IsAbs(path) {
		path = filepath.Join(c.Dir, path)
	}
	if !filepath.IsAbs(path) {
		return "", about(c.Path, c.Path+" is a relative path, and no folder is named that it begins in", "write the whole path in command, or name the folder in cwd", nil)
	}
	found, err := exec.LookPath(path)
	switch {
	case err == nil:
		return found, nil
	case errors.Is(err, fs.ErrPermission):
		return "", about(c.Path, c.Path+" is not executable", "make it executable with chmod +x, or name the program that runs it in command", err)
	case errors.Is(err, fs.ErrNotExist):
		return "", about(c.Path, "there is no file "+c.Path, "install the program, or mend the path in command", err)
	}
	return "", about(c.Path, c.Path+" is not a program", "name a program in command", err)
}

// lookUp finds a program in the folders of PATH. The folder in which it is
// started is never searched, whatever PATH says.
func lookUp(name string, folders []string) (string, error) {
	for _, folder := range folders {
		if !filepath.IsAbs(folder) {
			continue
		}
		if path, err := exec.LookPath(filepath.Join(folder, name)); err == nil {
			return path, nil
		}
	}
	if len(folders) == 0 {
		return "", about(name, "the program "+name+" was not found, as its environment has no PATH", "write the whole path in command, or set PATH in env", nil)
	}
	e := about(name, fmt.Sprintf("the program %s was not found in PATH", name), "install it, or write the whole path in command; PATH is "+strings.Join(folders, string(filepath.ListSeparator)), nil)
	if near := ordinaut.Nearest(name, programs(folders)); near != "" {
		e.Fix, e.Examples = "did you mean "+near+"? Otherwise "+e.Fix, []string{near}
	}
	return "", e
}

// programs lists what can be started in the folders.
func programs(folders []string) (names []string) {
	for _, folder := range folders {
		entries, _ := os.ReadDir(folder) // a folder of PATH that is not there is common
		for _, entry := range entries {
			names = append(names, entry.Name())
		}
	}
	return names
}

// variable is the value of a variable in an environment, where the last counts.
func variable(env []string, name string) (value string) {
	for _, v := range env {
		if text, ok := strings.CutPrefix(v, name+"="); ok {
			value = text
		}
	}
	return value
}
