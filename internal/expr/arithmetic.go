package expr

import (
	"fmt"
	"math"

	"github.com/ordinaut/ordinaut"
)

func (n *arithmetic) eval(ev *evaluation, cur any) (any, error) {
	left, err := ev.eval(n.left, cur)
	if err != nil {
		return nil, err
	}
	right, err := ev.eval(n.right, cur)
	if err != nil {
		return nil, err
	}
	if text, ok := left.(string); ok && (n.op == "+" || n.op == "-") {
		v, err := shift(ev.env.zone(), text, right, n.op == "-")
		return v, ev.placed(err, n)
	}
	a, ok := toNumber(left)
	if !ok {
		return nil, ev.notNumber(n, n.left, left, cur)
	}
	b, ok := toNumber(right)
	if !ok {
		return nil, ev.notNumber(n, n.right, right, cur)
	}
	v, err := reckon(n.op, a, b)
	return v, ev.placed(err, n)
}

func (ev *evaluation) notNumber(n *arithmetic, side node, v, cur any) error {
	return ev.fail(ordinaut.CodeExprType, n,
		fmt.Sprintf("%s reckons with numbers, and %s", n.op, ev.whatIs(side, v, cur)),
		"give it numbers (to_number makes one of a string), or a time and a duration, as in now + 24h")
}

// reckon gives a op b as a JSON value.
func reckon(op string, a, b number) (any, error) {
	if b.float == 0 && (op == "/" || op == "%") {
		return nil, badValue("the right side is 0, and nothing can be divided by 0", "test it first, as in n == 0 ? 0 : total / n")
	}
	return a.with(op, b).result()
}

// with is n op m: exact while both and the result are integers of 64 bits.
func (n number) with(op string, m number) number {
	if n.isWhole && m.isWhole {
		if whole, exact := reckonWhole(op, n.whole, m.whole); exact {
			return wholeNumber(whole)
		}
	}
	return floatNumber(reckonFloat(op, n.float, m.float))
}

// reckonWhole reckons with integers, and says whether the result is exact.
func reckonWhole(op string, a, b int64) (int64, bool) {
	switch op {
	case "+":
		sum := a + b
		return sum, (sum > a) == (b > 0)
	case "-":
		difference := a - b
		return difference, (difference < a) == (b > 0)
	case "*":
		product := a * b
		return product, a == 0 || b != math.MinInt64 && a != math.MinInt64 && product/a == b
	case "/":
		return a / b, a%b == 0 && (a != math.MinInt64 || b != -1)
	}
	return a % b, true
}

func reckonFloat(op string, a, b float64) float64 {
	switch op {
	case "+":
		return a + b
	case "-":
		return a - b
	case "*":
		return a * b
	case "/":
		return a / b
	}
	return math.Mod(a, b)
}
