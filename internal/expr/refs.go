package expr

// Ref is one thing that an expression reads from the roots.
type Ref struct {
	Root     string // "steps" in steps.send.id
	Name     string // "send" in steps.send.id; "" when the root is read as a whole
	At       string // JSON Pointer to the string in the template; "" in a bare expression
	Offset   int    // where it stands in that string, in bytes
	Optional bool   // null is meant when it does not exist: read before ||, in default(), or with "?"
}

// surveyor walks an expression once after parsing, settles what each name
// stands for, and lists what is read from the roots.
type surveyor struct {
	refs []Ref
}

// ground is what is known, without evaluating, about the current value.
type ground struct {
	atRoots bool   // the roots themselves
	root    string // the value of this root; "" is anything else
	ref     int    // the Ref that read the root
}

func survey(e *Expr) []Ref {
	s := &surveyor{}
	s.visit(e.node, ground{atRoots: true}, e.optional)
	return s.refs
}

// visit walks n, evaluated on what on describes, and describes its value.
// With optional, null is meant where n finds nothing.
func (s *surveyor) visit(n node, on ground, optional bool) ground {
	switch n := n.(type) {
	case *name:
		return s.name(n, on, optional)
	case *current:
		return on
	case *then:
		return s.visit(n.right, s.visit(n.left, on, optional || fallsBack(n.right)), optional)
	case *index:
		s.visit(n.left, on, optional)
	case *project:
		s.visit(n.source.of(), on, optional)
		if f, ok := n.source.(*filter); ok {
			s.visit(f.condition, ground{}, optional)
		}
		if n.each != nil {
			s.visit(n.each, ground{}, optional)
		}
	case *either:
		s.visit(n.left, on, true)
		s.visit(n.right, on, optional)
	case *reference:
		s.visit(n.body, ground{}, optional)
	case *call:
		s.all(n.args, on, optional || n.function.name == "not_null")
	default:
		s.all(operands(n), on, optional)
	}
	return ground{}
}

func (s *surveyor) all(nodes []node, on ground, optional bool) {
	for _, n := range nodes {
		s.visit(n, on, optional)
	}
}

// operands are the parts that n evaluates on its own current value.
func operands(n node) []node {
	switch n := n.(type) {
	case *multiList:
		return n.items
	case *multiHash:
		return n.items
	case *and:
		return []node{n.left, n.right}
	case *not:
		return []node{n.operand}
	case *comparison:
		return []node{n.left, n.right}
	case *arithmetic:
		return []node{n.left, n.right}
	case *choice:
		return []node{n.test, n.yes, n.no}
	}
	return nil
}

func (s *surveyor) name(n *name, on ground, optional bool) ground {
	n.optional = optional
	switch {
	case on.atRoots && n.keyword:
	case on.atRoots || n.role == roleRoot:
		n.role = roleRoot
		s.refs = append(s.refs, Ref{Root: n.text, Offset: n.from, Optional: optional})
		return ground{root: n.text, ref: len(s.refs) - 1}
	case on.root != "":
		if on.root == "steps" {
			n.role = roleStep
		}
		s.named(on, n.text, optional)
	}
	return ground{}
}

// named notes that a field of a root is read. The first takes the place of the
// root's own Ref.
func (s *surveyor) named(on ground, field string, optional bool) {
	ref := s.refs[on.ref]
	if ref.Name == "" {
		s.refs[on.ref].Name = field
		return
	}
	ref.Name, ref.Optional = field, optional
	s.refs = append(s.refs, ref)
}

// fallsBack says whether n is a piped default: x | default('none').
func fallsBack(n node) bool {
	e, ok := n.(*either)
	if !ok {
		return false
	}
	_, ok = e.left.(*current)
	return ok
}
