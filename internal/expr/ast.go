package expr

// node is one part of a parsed expression. It is evaluated on the current
// value, the "@" of JMESPath.
type node interface {
	place() span
	cover(span)
	eval(ev *evaluation, cur any) (any, error)
}

// literal is a value written in the expression.
type literal struct {
	span
	value any
}

// name reads a field of the current value. What it stands for in a strict
// evaluation is settled when the expression is parsed.
type name struct {
	span
	text     string
	role     role
	optional bool // null is meant if it does not exist
	keyword  bool // true, false or null, written without quotes
}

// role says what a name stands for.
type role int

const (
	roleField role = iota // a field of some value: null when missing
	roleRoot              // a root: must exist
	roleStep              // a field of the root "steps": must exist
)

// current is "@".
type current struct{ span }

// then evaluates right on the value of left: "left.right" and "left | right".
type then struct {
	span
	left, right node
}

// index is "left[n]"; a negative n counts from the end.
type index struct {
	span
	left node
	n    int
}

// project applies each to every element of a list and keeps what is not null.
type project struct {
	span
	source source
	each   node // nil is the element itself
}

// source is the part of a projection that makes the list.
type source interface {
	place() span
	of() node // the expression it reads
	list(ev *evaluation, v any) ([]any, error)
}

// elements is "[*]", fields is "*", flatten is "[]".
type (
	elements struct{ reads }
	fields   struct{ reads }
	flatten  struct{ reads }
)

// slice is "[start:stop:step]"; a missing bound is nil.
type slice struct {
	reads
	start, stop *int
	step        int
}

// filter is "[?condition]".
type filter struct {
	reads
	condition node
}

// reads is the expression that a source reads.
type reads struct {
	span
	left node
}

func (r reads) of() node { return r.left }

// multiList is "[a, b]", multiHash is "{a: x, b: y}".
type (
	multiList struct {
		span
		items []node
	}
	multiHash struct {
		span
		keys  []string
		items []node
	}
)

// call is "function(arguments)".
type call struct {
	span
	function function
	args     []node
}

// reference is "&body", an expression handed to a function; it is its own value.
type reference struct {
	span
	body node
}

// either gives left, or right when left will not do: when it counts as false
// for "||", only when it is null for "default".
type either struct {
	span
	left, right node
	onlyNull    bool
}

// and is "&&", not is "!".
type (
	and struct {
		span
		left, right node
	}
	not struct {
		span
		operand node
	}
)

// comparison is "left op right" with one of == != < <= > >=.
type comparison struct {
	span
	op          string
	left, right node
}

// arithmetic is "left op right" with one of + - * / %.
type arithmetic struct {
	span
	op          string
	left, right node
}

// choice is "test ? yes : no".
type choice struct {
	span
	test, yes, no node
}
