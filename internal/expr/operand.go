package expr

// operand reads what can begin an expression.
func (p *parser) operand() (node, error) {
	switch t := p.peek(); t.kind {
	case kindName:
		return p.word()
	case kindQuoted:
		return p.quotedName()
	case kindLiteral, kindNumber:
		p.take()
		return &literal{t.span, t.value}, nil
	case "@":
		p.take()
		return &current{t.span}, nil
	case "$":
		return p.fromRoot()
	case "!", "-":
		return p.prefix()
	case "(":
		return p.group()
	case "{":
		return p.multiHash()
	case "[":
		return p.bracketOperand()
	case "*", "[]", "[?":
		return p.path(&current{t.span}, p.take())
	case "&":
		return nil, syntax(p.text, t.span, "an expression reference stands only as the argument of a function",
			"write it as in sort_by(list, &price)")
	case kindDuration:
		return nil, syntax(p.text, t.span, "a duration stands only after + or -",
			"write now + 24h, or '24h' as the argument of a function")
	default:
		return nil, p.unexpected(t)
	}
}

// unexpected reports a token that cannot stand where it stands.
func (p *parser) unexpected(t token) error {
	switch {
	case t.kind == kindEnd && p.at == 0:
		return syntax(p.text, t.span, "the expression is empty", "write an expression, such as params.city")
	case t.kind == kindEnd:
		return syntax(p.text, t.span, "something is missing here", "finish the expression")
	case t.kind == kindNumber && p.at > 0 && p.tokens[p.at-1].kind == ".":
		return syntax(p.text, t.span, "a number cannot follow a dot",
			`take an element with [0], a field whose name begins with a digit with ."0"`)
	}
	return syntax(p.text, t.span, "this is not expected here",
		"see whether an operator, a dot, a comma or a bracket is missing before it")
}

// word reads what begins with a name: a function call, "not x", or the name.
func (p *parser) word() (node, error) {
	t := p.take()
	text := t.value.(string)
	if text == "not" && p.operandFollows() {
		operand, err := p.nested(bindNotWord)
		return &not{p.since(t.from), operand}, err
	}
	if p.peek().kind == "(" {
		return p.call(t)
	}
	keyword := text == "true" || text == "false" || text == "null"
	return &name{span: t.span, text: text, keyword: keyword}, nil
}

// operandFollows says whether "not" is an operator here. Where standard
// JMESPath reads a field called not, it stays one.
func (p *parser) operandFollows() bool {
	switch t := p.peek(); t.kind {
	case kindName:
		return bindingOfWord(t) == 0
	case kindQuoted, kindLiteral, kindNumber, "@", "$", "!", "(", "{":
		return true
	}
	return false
}

func (p *parser) quotedName() (node, error) {
	t := p.take()
	if p.peek().kind == "(" {
		return nil, syntax(p.text, t.span, "the name of a function is written without quotes", "drop the quotes")
	}
	return &name{span: t.span, text: t.value.(string)}, nil
}

// fromRoot reads "$.name".
func (p *parser) fromRoot() (node, error) {
	t := p.take()
	if _, err := p.expect("."); err != nil {
		return nil, err
	}
	n := p.take()
	if n.kind != kindName && n.kind != kindQuoted {
		return nil, syntax(p.text, n.span, "the name of a root has to follow $.", "write $.params, for example")
	}
	return &name{span: span{t.from, n.to}, text: n.value.(string), role: roleRoot}, nil
}

// prefix reads "!x" and "-x".
func (p *parser) prefix() (node, error) {
	t := p.take()
	operand, err := p.nested(bindPrefix)
	if err != nil {
		return nil, err
	}
	at := p.since(t.from)
	if t.kind == "!" {
		return &not{at, operand}, nil
	}
	if l, ok := operand.(*literal); ok {
		if n, ok := toNumber(l.value); ok {
			return &literal{at, n.negative().value()}, nil
		}
	}
	return &arithmetic{at, "-", &literal{t.span, wholeNumber(0).value()}, operand}, nil
}

func (p *parser) group() (node, error) {
	open := p.take()
	n, err := p.nested(0)
	if err != nil {
		return nil, err
	}
	if _, err := p.expect(")"); err != nil {
		return nil, err
	}
	n.cover(p.since(open.from))
	return n, nil
}

// bracketOperand reads an operand that begins with a bracket.
func (p *parser) bracketOperand() (node, error) {
	if t := p.peek(); p.selects(p.at + 1) {
		return p.path(&current{t.span}, p.take())
	}
	return p.multiList()
}

// items reads expressions separated by commas up to the closing mark.
func (p *parser) items(closing string, read func() error) error {
	for {
		if err := read(); err != nil {
			return err
		}
		if p.peek().kind == closing {
			p.take()
			return nil
		}
		if _, err := p.expect(","); err != nil {
			return err
		}
	}
}

func (p *parser) multiList() (node, error) {
	from := p.take().from
	list := &multiList{}
	err := p.items("]", func() error {
		if p.isBareNumber() {
			return syntax(p.text, p.peek().span, "a bare number cannot stand in a list, where it looks like an index",
				"write foo[0] to take an element, `[1, 2]` in backticks for a list of numbers")
		}
		item, err := p.nested(0)
		list.items = append(list.items, item)
		return err
	})
	list.span = p.since(from)
	return list, err
}

// isBareNumber says whether an item is nothing but a number.
func (p *parser) isBareNumber() bool {
	after := p.kindAt(p.at + 1)
	return p.peek().kind == kindNumber && (after == "," || after == "]")
}

func (p *parser) multiHash() (node, error) {
	from := p.take().from
	hash := &multiHash{}
	err := p.items("}", func() error {
		key := p.take()
		if key.kind != kindName && key.kind != kindQuoted {
			return syntax(p.text, key.span, "a field's name is expected here", "write {name: expression}")
		}
		if _, err := p.expect(":"); err != nil {
			return err
		}
		item, err := p.nested(0)
		hash.keys = append(hash.keys, key.value.(string))
		hash.items = append(hash.items, item)
		return err
	})
	hash.span = p.since(from)
	return hash, err
}
