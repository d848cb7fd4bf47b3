package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"go.yaml.in/yaml/v3"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// settings are the flags of a command whose values may also come from variables
// and from a file. The flags are the only list of what can be set.
type settings struct {
	file string            // that was named
	from map[string]string // by flag, where its value came from; a default has none
}

// setting is one value, and where it came from.
type setting struct {
	Name   string `json:"name"`
	Value  string `json:"value"`
	Origin string `json:"origin"`
}

// complete fills the flags that were not given, from variables and then from the
// file. All faults are told at once.
func (s *settings) complete(a *app, c *cobra.Command) error {
	s.from = map[string]string{}
	var faults ordinaut.Errors
	lines, err := s.lines(a, c)
	faults.Add(err)
	s.each(c, func(f *pflag.Flag) {
		variable := variableOf(f.Name)
		switch value := a.Env(variable); {
		case f.Changed:
			s.from[f.Name] = "--" + f.Name
			faults.Add(refusePassword("--"+f.Name, f.Value.String(), variable))
		case value != "":
			s.from[f.Name] = variable
			faults.Add(s.set(f, strings.Split(value, ",")))
		case lines[f.Name] != nil:
			s.from[f.Name] = fmt.Sprintf("%s:%d", s.file, lines[f.Name].Line)
			faults.Add(s.set(f, valuesOf(lines[f.Name])))
		}
	})
	if a.dataDir == "" && len(faults) == 0 {
		a.dataDir, err = DataDir(a.Env)
		if err != nil {
			return usage(c, err.Error(), "name the folder with --data-dir")
		}
	}
	return faults.Err()
}

// each visits the flags that can be set elsewhere, in their order.
func (s *settings) each(c *cobra.Command, visit func(*pflag.Flag)) {
	if f := c.Flag("data-dir"); f != nil {
		visit(f)
	}
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if !slices.Contains([]string{"config", "help", "url", "output", "data-dir", "origin", "status"}, f.Name) {
			visit(f)
		}
	})
}

// variableOf is the variable that stands for a flag.
func variableOf(flag string) string {
	return "ORDINAUT_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// fieldOf is the line of a file that stands for a flag.
func fieldOf(flag string) string { return strings.ReplaceAll(flag, "-", "_") }

// set gives a flag its value. Only one that takes several is given each by
// itself.
func (s *settings) set(f *pflag.Flag, values []string) error {
	if _, several := f.Value.(pflag.SliceValue); !several {
		values = []string{strings.Join(values, ",")}
	}
	for _, value := range values {
		if err := f.Value.Set(strings.TrimSpace(value)); err != nil {
			e := &ordinaut.Error{
				Code: ordinaut.CodeFieldValue, At: s.from[f.Name],
				Message: fmt.Sprintf("it cannot be used as the setting %s: %v", fieldOf(f.Name), err),
				Fix:     "write it as --" + f.Name + " takes it: " + f.Usage,
			}
			if !passwordIn(value) {
				e.Sent = value
			}
			return e
		}
	}
	return nil
}

// lines reads the file, and gives its values by the flags that they stand for.
func (s *settings) lines(a *app, c *cobra.Command) (map[string]*yaml.Node, error) {
	if s.file == "" {
		s.file = a.Env("ORDINAUT_CONFIG")
	}
	if s.file == "" {
		return nil, nil
	}
	text, err := os.ReadFile(s.file)
	if err != nil {
		return nil, s.unusable(withoutPath(err))
	}
	if len(text) > limits.BodyBytes {
		return nil, s.unusable(fmt.Errorf("it is larger than %d bytes", limits.BodyBytes))
	}
	var root yaml.Node
	if err := yaml.Unmarshal(text, &root); err != nil {
		return nil, s.unusable(err)
	}
	if len(root.Content) == 0 {
		return nil, nil
	}
	if root.Content[0].Kind != yaml.MappingNode {
		return nil, s.unusable(errors.New("it does not hold settings"))
	}
	return s.known(c, root.Content[0])
}

// known gives the values of the file by their flags, and refuses lines that name
// no setting, or one that was there before.
func (s *settings) known(c *cobra.Command, object *yaml.Node) (map[string]*yaml.Node, error) {
	flags := map[string]string{}
	names := s.names()
	s.each(c, func(f *pflag.Flag) { flags[fieldOf(f.Name)] = f.Name })
	lines := map[string]*yaml.Node{}
	var faults ordinaut.Errors
	for i := 0; i+1 < len(object.Content); i += 2 {
		key, value := object.Content[i], object.Content[i+1]
		at := fmt.Sprintf("%s:%d", s.file, key.Line)
		flag, used := flags[key.Value]
		switch {
		case !used && slices.Contains(names, key.Value): // by other commands
		case !used:
			faults.Add(unknownSetting(at, key.Value, names))
		case lines[flag] != nil:
			faults.Add(&ordinaut.Error{
				Code: ordinaut.CodeRequestDuplicate, At: at, Sent: key.Value,
				Message: "the setting stands twice in the file", Fix: "leave one of them out",
			})
		default:
			lines[flag] = value
		}
	}
	return lines, faults.Err()
}

// names are all settings that a file may hold: those of a server.
func (s *settings) names() (names []string) {
	serve := &cobra.Command{}
	newServeSettings().addServeFlags(serve)
	s.each(serve, func(f *pflag.Flag) { names = append(names, fieldOf(f.Name)) })
	return append(names, "data_dir")
}

func unknownSetting(at, name string, names []string) error {
	e := &ordinaut.Error{
		Code: ordinaut.CodeFieldUnknown, At: at, Sent: name,
		Message: fmt.Sprintf("there is no setting %s", name), Fix: "leave it out; ordinaut serve --help lists what can be set",
	}
	if near := ordinaut.Nearest(name, names); near != "" {
		e.Fix, e.Examples = "did you mean "+near+"?", []string{near}
	}
	return e
}

// valuesOf are the texts of a line: one, or those of a list.
func valuesOf(n *yaml.Node) []string {
	if n.Kind != yaml.SequenceNode {
		return []string{n.Value}
	}
	var values []string
	for _, item := range n.Content {
		values = append(values, item.Value)
	}
	return values
}

func (s *settings) unusable(err error) error {
	return &ordinaut.Error{
		Code: ordinaut.CodeCommandUsage, At: s.file,
		Message: fmt.Sprintf("the settings in %s cannot be read: %v", filepath.Base(s.file), err),
		Fix:     "give a file of lines such as database_url: postgres://ordinaut@localhost/ordinaut",
	}
}

func withoutPath(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}

// placed says of faults in the settings where each value came from.
func (s *settings) placed(err error) error {
	if e, ok := errors.AsType[*ordinaut.Error](err); ok {
		for _, f := range e.All() {
			name, isField := strings.CutPrefix(f.At, "/")
			if !isField {
				continue
			}
			f.At = "--" + flagName(name)
			if from, known := s.from[flagName(name)]; known {
				f.At = from
			}
		}
	}
	return err
}

// all are the values of all settings, as they may be shown.
func (s *settings) all(c *cobra.Command) (all []setting) {
	s.each(c, func(f *pflag.Flag) {
		value, origin := f.Value.String(), s.from[f.Name]
		if origin == "" {
			origin = "default"
		}
		if value == "[]" {
			value = ""
		}
		all = append(all, setting{fieldOf(f.Name), shownURL(value), origin})
	})
	return all
}
