package expr

import (
	"slices"
	"strings"

	"github.com/ordinaut/ordinaut"
)

func (n *name) eval(ev *evaluation, cur any) (any, error) {
	if ev.strict {
		switch n.role {
		case roleRoot:
			return ev.root(n)
		case roleStep:
			return ev.step(n, cur)
		}
	} else if n.role == roleRoot {
		cur = ev.doc // also from within a filter, by $.name
	}
	object, _ := cur.(map[string]any)
	v, found := object[n.text]
	if !found && n.keyword {
		return keyword(n.text), nil
	}
	return v, nil
}

// keyword is the value that people mean by a bare true, false or null where no
// field has that name.
func keyword(text string) any {
	switch text {
	case "true":
		return true
	case "false":
		return false
	}
	return nil
}

// root reads the root that n names.
func (ev *evaluation) root(n *name) (any, error) {
	if v, found := ev.env.root(n.text); found || n.optional {
		return v, nil
	}
	names := ev.env.rootNames()
	fix := "begin with one of them"
	before, _, hyphen := strings.Cut(n.text, "-")
	switch near := ordinaut.Nearest(n.text, names); {
	case ev.text[n.from] == '"':
		fix = "double quotes mark a name; write text as '" + cut(n.text, longestName) + "'"
	case hyphen && slices.Contains(names, before):
		fix = "the hyphen is read as part of the name; put spaces around a minus"
	case near != "":
		fix = "did you mean " + near + "?"
	}
	return nil, ev.fail(ordinaut.CodeExprRoot, n, "there is no root "+cut(n.text, longestName)+"; there are: "+listed(names), fix)
}

// step reads the step that n names from the root steps.
func (ev *evaluation) step(n *name, steps any) (any, error) {
	object, isObject := steps.(map[string]any)
	v, found := object[n.text]
	if found || n.optional || !isObject {
		return v, nil
	}
	names := sortedKeys(object)
	fix := "read a step that has run by then, or say that null is meant with || or a ? at the end"
	if near := ordinaut.Nearest(n.text, names); near != "" {
		fix = "did you mean " + near + "?"
	}
	return nil, ev.fail(ordinaut.CodeExprNull, n, "steps has no result of a step "+cut(n.text, longestName)+"; it has: "+listed(names), fix)
}
