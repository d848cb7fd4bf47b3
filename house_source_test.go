package ordinaut_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

const modulePath = "github.com/ordinaut/ordinaut"

// house is what the rules look at: this module's Go files, parsed, and every
// text file of the repository. Reading the tree itself, rather than asking the
// go command, sees the files of all systems at once and lets the test cache
// notice each change.
type house struct {
	sources []*source
	texts   map[string]string // path → content; without testdata
}

// source is one Go file.
type source struct {
	path string // slashes, from the root of the repository
	text string
	ast  *ast.File
	fset *token.FileSet
}

// readHouse reads the tree of a repository.
func readHouse(fsys fs.FS) (*house, error) {
	h := &house{texts: make(map[string]string)}
	err := fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && !lookedAt(entry.Name()):
			return fs.SkipDir
		case entry.IsDir():
			return nil
		}
		return h.readFile(fsys, name)
	})
	if err != nil {
		return nil, err
	}
	return h, h.parse()
}

// lookedAt leaves out what was built, what was downloaded, and test data, which
// may hold anything.
func lookedAt(folder string) bool {
	switch folder {
	case ".", ".ci", ".github":
		return true
	case "bin", "dist", "node_modules", "testdata":
		return false
	}
	return !strings.HasPrefix(folder, ".") && !strings.HasPrefix(folder, "_")
}

func (h *house) readFile(fsys fs.FS, name string) error {
	content, err := fs.ReadFile(fsys, name)
	if err != nil {
		return err
	}
	if utf8.Valid(content) {
		h.texts[name] = string(content)
	}
	return nil
}

// parse parses the Go files of this module: not those below another go.mod.
func (h *house) parse() error {
	fset := token.NewFileSet()
	for _, name := range sortedKeys(h.texts) {
		if path.Ext(name) != ".go" || h.inOtherModule(name) {
			continue
		}
		file, err := parser.ParseFile(fset, name, h.texts[name], parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		h.sources = append(h.sources, &source{name, h.texts[name], file, fset})
	}
	return nil
}

func (h *house) inOtherModule(name string) bool {
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		if _, ok := h.texts[dir+"/go.mod"]; ok {
			return true
		}
	}
	return false
}

// packages groups the files that are built into the product by their folder.
func (h *house) packages() map[string][]*source {
	packages := make(map[string][]*source)
	for _, f := range h.sources {
		if !f.isTest() {
			packages[f.dir()] = append(packages[f.dir()], f)
		}
	}
	return packages
}

// statements lists the names of the SQL statements below dir, file by file.
func (h *house) statements(dir string) map[string][]string {
	name := regexp.MustCompile(`(?m)^-- name: *(\S+)`)
	statements := make(map[string][]string)
	for file, text := range h.texts {
		if !strings.HasPrefix(file, dir) || path.Ext(file) != ".sql" || strings.Contains(file, "/migrations/") {
			continue
		}
		statements[strings.TrimPrefix(file, dir)] = []string{}
		for _, match := range name.FindAllStringSubmatch(text, -1) {
			statements[strings.TrimPrefix(file, dir)] = append(statements[strings.TrimPrefix(file, dir)], match[1])
		}
	}
	return statements
}

func (s *source) dir() string  { return path.Dir(s.path) }
func (s *source) isTest() bool { return strings.HasSuffix(s.path, "_test.go") }

// forTests holds for test files and for rooms that exist for tests.
func (s *source) forTests() bool { return s.isTest() || roomOf(s.dir()).forTests() }

// imports lists the folders of this module that the file imports.
func (s *source) imports() (dirs []string) {
	for _, spec := range s.ast.Imports {
		imported, _ := strconv.Unquote(spec.Path.Value)
		if imported == modulePath {
			dirs = append(dirs, ".")
		} else if dir, ok := strings.CutPrefix(imported, modulePath+"/"); ok {
			dirs = append(dirs, dir)
		}
	}
	return dirs
}

// at tells where a node is, as an editor wants to read it.
func (s *source) at(node ast.Node) string {
	return fmt.Sprintf("%s:%d", s.path, s.line(node.Pos()))
}

func (s *source) line(pos token.Pos) int { return s.fset.Position(pos).Line }

// lines is how many lines the file has.
func (s *source) lines() int { return strings.Count(s.text, "\n") }

// each calls visit with every node of the file that is a T.
func each[T ast.Node](s *source, visit func(T)) {
	ast.Inspect(s.ast, func(n ast.Node) bool {
		if node, ok := n.(T); ok {
			visit(node)
		}
		return true
	})
}

// sortedKeys lists the keys of all the maps, each once, in order.
func sortedKeys[V any](all ...map[string]V) []string {
	keys := make(map[string]bool)
	for _, m := range all {
		for key := range m {
			keys[key] = true
		}
	}
	return slices.Sorted(maps.Keys(keys))
}
