package ordinaut_test

import (
	"fmt"
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

// The sizes that a reader can hold in the head.
const (
	maxFileLines        = 500
	maxMedianFileLines  = 150
	maxFunctionLines    = 70
	maxInterfaceMethods = 8
)

func shapeRules() []rule {
	return []rule{
		{"no file is long", "split it by noun", longFiles},
		{"the usual file is short", "split the longest files by noun", longMedian},
		{"no function is long", "name its steps and make each a function", longFunctions},
		{"no interface is wide", "split it by what a consumer asks for", wideInterfaces},
		{"nothing happens at import", "do it in a constructor that the caller calls", inits},
		{"no package holds mutable state", "put it in a struct, or return it from a function", packageState},
		{"nobody sleeps", "wait for the event itself; virtual time passes through ordinauttest.Pass", sleeps},
		{"no test is skipped", "make the test work everywhere, or delete it", skips},
	}
}

func longFiles(h *house) (offences []string) {
	for _, f := range h.sources {
		if n := f.lines(); n > maxFileLines {
			offences = append(offences, fmt.Sprintf("%s has %d lines, more than %d", f.path, n, maxFileLines))
		}
	}
	return offences
}

func longMedian(h *house) []string {
	var sizes []int
	for _, f := range h.sources {
		if !f.isTest() {
			sizes = append(sizes, f.lines())
		}
	}
	slices.Sort(sizes)
	if len(sizes) == 0 || sizes[len(sizes)/2] <= maxMedianFileLines {
		return nil
	}
	return []string{fmt.Sprintf("half of the %d files have more than %d lines; the limit is %d",
		len(sizes), sizes[len(sizes)/2], maxMedianFileLines)}
}

func longFunctions(h *house) (offences []string) {
	for _, f := range h.sources {
		each(f, func(fn *ast.FuncDecl) {
			if n := f.line(fn.End()) - f.line(fn.Pos()) + 1; n > maxFunctionLines && !isTable(fn) {
				offences = append(offences, fmt.Sprintf("%s: %s has %d lines, more than %d", f.at(fn), fn.Name.Name, n, maxFunctionLines))
			}
		})
	}
	return offences
}

// isTable holds for a function that does nothing but return one composite
// literal: a list to look things up in, not steps to follow.
func isTable(fn *ast.FuncDecl) bool {
	if fn.Body == nil || len(fn.Body.List) != 1 {
		return false
	}
	ret, ok := fn.Body.List[0].(*ast.ReturnStmt)
	if !ok || len(ret.Results) != 1 {
		return false
	}
	_, ok = ret.Results[0].(*ast.CompositeLit)
	return ok
}

func wideInterfaces(h *house) (offences []string) {
	for _, f := range h.sources {
		each(f, func(i *ast.InterfaceType) {
			own := 0
			for _, field := range i.Methods.List {
				own += len(field.Names)
			}
			if own > maxInterfaceMethods {
				offences = append(offences, fmt.Sprintf("%s: the interface has %d methods of its own, more than %d", f.at(i), own, maxInterfaceMethods))
			}
		})
	}
	return offences
}

func inits(h *house) (offences []string) {
	for _, f := range h.sources {
		each(f, func(fn *ast.FuncDecl) {
			if fn.Recv == nil && fn.Name.Name == "init" {
				offences = append(offences, f.at(fn)+" declares func init")
			}
		})
	}
	return offences
}

func packageState(h *house) (offences []string) {
	for _, f := range h.sources {
		if f.isTest() {
			continue
		}
		for _, decl := range f.ast.Decls {
			group, ok := decl.(*ast.GenDecl)
			if !ok || group.Tok != token.VAR {
				continue
			}
			for _, spec := range group.Specs {
				if v := spec.(*ast.ValueSpec); !isConstant(f, group, v) {
					offences = append(offences, fmt.Sprintf("%s: var %s is package state", f.at(v), v.Names[0].Name))
				}
			}
		}
	}
	return offences
}

// isConstant reports whether a package variable is one in name only: an error
// to compare with, a compile-time assertion, an embedded file, a pattern, a value
// computed at first use. Rooms for tests may declare flags.
func isConstant(f *source, group *ast.GenDecl, v *ast.ValueSpec) bool {
	if v.Names[0].Name == "_" || isEmbed(group.Doc) || isEmbed(v.Doc) {
		return true
	}
	for _, value := range v.Values {
		call, ok := value.(*ast.CallExpr)
		if !ok {
			return false
		}
		pkg, fn := selector(call)
		switch pkg + "." + fn {
		case "errors.New", "regexp.MustCompile", "sync.OnceValue", "sync.OnceValues":
		default:
			if pkg != "flag" || !f.forTests() {
				return false
			}
		}
	}
	return len(v.Values) > 0
}

func isEmbed(doc *ast.CommentGroup) bool {
	return doc != nil && slices.ContainsFunc(doc.List, func(c *ast.Comment) bool {
		return strings.HasPrefix(c.Text, "//go:embed ")
	})
}

func sleeps(h *house) (offences []string) {
	for _, f := range h.sources {
		if f.dir() == "ordinauttest" && !f.isTest() {
			continue // Pass sleeps inside a synctest bubble, where that takes no time
		}
		each(f, func(call *ast.CallExpr) {
			if pkg, fn := selector(call); pkg == "time" && fn == "Sleep" {
				offences = append(offences, f.at(call)+" calls time.Sleep")
			}
		})
	}
	return offences
}

func skips(h *house) (offences []string) {
	for _, f := range h.sources {
		if !f.forTests() {
			continue
		}
		each(f, func(call *ast.CallExpr) {
			switch test, fn := selector(call); {
			case !slices.Contains([]string{"t", "b", "f", "tb"}, test):
			case fn == "Skip" || fn == "Skipf" || fn == "SkipNow":
				offences = append(offences, fmt.Sprintf("%s calls %s.%s", f.at(call), test, fn))
			}
		})
	}
	return offences
}

// selector splits the function of a call x.F(…) into "x" and "F".
func selector(call *ast.CallExpr) (x, name string) {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return "", ""
	}
	ident, ok := sel.X.(*ast.Ident)
	if !ok {
		return "", ""
	}
	return ident.Name, sel.Sel.Name
}
