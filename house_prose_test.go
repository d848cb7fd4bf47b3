package ordinaut_test

import (
	"fmt"
	"go/ast"
	"path"
	"slices"
	"strings"
)

func proseRules() []rule {
	return []rule{
		{"every package says what it is", "write above the package clause: Package x is …, what it promises, what it leaves to others", silentPackages},
		{"every exported name is documented", "say in a sentence what it is, its unit and its errors", silentNames},
		{"packages are named by what they are", "name it after the noun it holds", vagueNames},
		{"no linter is silenced", "mend what the linter found", silencedLinters},
	}
}

func silentPackages(h *house) (offences []string) {
	packages := h.packages()
	for _, dir := range sortedKeys(packages) {
		want := "Package " + packages[dir][0].ast.Name.Name + " "
		if strings.HasPrefix(want, "Package main") {
			want = "Command " + path.Base(dir) + " "
		}
		if !slices.ContainsFunc(packages[dir], func(f *source) bool { return strings.HasPrefix(f.ast.Doc.Text(), want) }) {
			offences = append(offences, fmt.Sprintf("%s has no package comment that begins with %q", dir, want))
		}
	}
	return offences
}

func silentNames(h *house) (offences []string) {
	for _, f := range h.sources {
		if f.isTest() {
			continue
		}
		for _, decl := range f.ast.Decls {
			for _, name := range silentIn(decl) {
				offences = append(offences, fmt.Sprintf("%s: %s has no comment", f.at(decl), name))
			}
		}
	}
	return offences
}

// silentIn lists the exported names of a declaration that nothing explains. One
// comment above a group of constants or variables explains them all.
func silentIn(decl ast.Decl) (names []string) {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		if d.Doc == nil && d.Name.IsExported() && exportedReceiver(d) {
			names = append(names, d.Name.Name)
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.TypeSpec:
				if s.Name.IsExported() && s.Doc == nil && (d.Doc == nil || d.Lparen.IsValid()) {
					names = append(names, s.Name.Name)
				}
			case *ast.ValueSpec:
				if s.Names[0].IsExported() && s.Doc == nil && s.Comment == nil && d.Doc == nil {
					names = append(names, s.Names[0].Name)
				}
			}
		}
	}
	return names
}

// exportedReceiver reports whether fn is a function, or a method that readers
// of the documentation see.
func exportedReceiver(fn *ast.FuncDecl) bool {
	if fn.Recv == nil {
		return true
	}
	receiver := fn.Recv.List[0].Type
	for {
		switch t := receiver.(type) {
		case *ast.StarExpr:
			receiver = t.X
		case *ast.IndexExpr:
			receiver = t.X
		case *ast.IndexListExpr:
			receiver = t.X
		case *ast.Ident:
			return t.IsExported()
		default:
			return false
		}
	}
}

func vagueNames(h *house) (offences []string) {
	vague := []string{"util", "utils", "common", "helper", "helpers", "types", "models", "misc", "shared"}
	packages := h.packages()
	for _, dir := range sortedKeys(packages) {
		if slices.Contains(vague, packages[dir][0].ast.Name.Name) || slices.Contains(vague, path.Base(dir)) {
			offences = append(offences, dir+" is a name for anything")
		}
	}
	return offences
}

func silencedLinters(h *house) (offences []string) {
	for _, f := range h.sources {
		each(f, func(c *ast.Comment) {
			if strings.HasPrefix(c.Text, "//nolint") {
				offences = append(offences, f.at(c)+": "+c.Text)
			}
		})
	}
	return offences
}
