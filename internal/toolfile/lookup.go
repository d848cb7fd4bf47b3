package toolfile

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/ordinaut/ordinaut"
)

// Lookup is where references lead. A field that is missing finds nothing.
type Lookup struct {
	Env      func(name string) (string, bool)
	ReadFile func(path string) ([]byte, error)
	Home     string // ${userHome}, and ${HOME} when it is not set
	Dir      string // ${workspaceFolder}, and where relative paths begin; see Workspace
}

// find is what a reference stands for.
func (r *resolver) find(ref reference, field string, at spot) string {
	switch ref.kind {
	case fromDir:
		return r.look.Dir
	case fromHome:
		return r.look.Home
	case fromFile:
		return r.file(ref, field, at)
	case fromInput:
		ref = r.asVariable(ref)
	}
	value, set := "", false
	if r.look.Env != nil {
		value, set = r.look.Env(ref.name)
	}
	switch {
	case ref.given && value == "":
		return ref.fallback
	case !set && ref.name == "HOME" && r.look.Home != "":
		return r.look.Home
	case !set:
		owner, place := at(field)
		r.fault(ordinaut.CodeToolsVariable, place,
			fmt.Sprintf("%s: %s needs the variable %s, which is not set", owner, dotted(field), ref.name),
			fmt.Sprintf("set %s where Ordinaut is started, or give it a default: ${%s:-…}", ref.name, ref.name),
			"export "+ref.name+"=…")
	}
	return value
}

// asVariable is the variable of the environment that holds an input.
func (r *resolver) asVariable(ref reference) reference {
	variable := reference{kind: fromEnv, name: inputVariable(ref.name), text: ref.text}
	for _, input := range r.inputs {
		if input.ID == ref.name && input.Default != "" {
			variable.fallback, variable.given = input.Default, true
		}
	}
	return variable
}

// inputVariable is the name of that variable: ORDINAUT_INPUT_ and the id in
// capitals, with _ for what cannot stand in a name.
func inputVariable(id string) string {
	return "ORDINAUT_INPUT_" + strings.ToUpper(strings.ReplaceAll(unusable.ReplaceAllString(id, "_"), "-", "_"))
}

// file is the text of a file.
func (r *resolver) file(ref reference, field string, at spot) string {
	text, err := r.read(r.path(ref.name))
	if err != nil {
		owner, place := at(field)
		r.fault(ordinaut.CodeToolsVariable, place,
			fmt.Sprintf("%s: %s needs the file %s, which cannot be read", owner, dotted(field), ref.name),
			"write the file, and let Ordinaut read it")
	}
	return strings.TrimSuffix(strings.TrimSuffix(string(text), "\n"), "\r")
}

func (r *resolver) read(path string) ([]byte, error) {
	if r.look.ReadFile == nil {
		return nil, fmt.Errorf("read %s: no files are read here", path)
	}
	return r.look.ReadFile(path)
}

// path is a path from the folder of the file.
func (r *resolver) path(path string) string {
	if filepath.IsAbs(path) || r.look.Dir == "" {
		return path
	}
	return filepath.Join(r.look.Dir, path)
}

// unknown notes a ${…} that means nothing here. Left as it is, it would reach
// the server as text, which is seen much later and as something else.
func (r *resolver) unknown(body, field string, at spot) string {
	owner, place := at(field)
	fix := "use ${VAR}, ${VAR:-default}, ${env:VAR}, ${input:id}, ${file:/path}, ${workspaceFolder} or ${userHome}; write $${ for a literal ${"
	kind, _, _ := strings.Cut(body, ":")
	if near := ordinaut.Nearest(kind, []string{fromEnv, fromInput, fromFile}); near != "" && strings.Contains(body, ":") {
		fix = "did you mean ${" + near + ":…}?"
	}
	r.fault(ordinaut.CodeToolsFile, place, fmt.Sprintf("%s: %s has a reference that is not one: ${%s}", owner, dotted(field), body), fix)
	return ""
}
