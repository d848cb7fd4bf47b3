package expr

import "math"

func numberFunctions() []function {
	return []function{
		{"abs", types("number"), func(_ *evaluation, args []any) (any, error) {
			n, _ := toNumber(args[0])
			if n.float < 0 {
				n = n.negative()
			}
			return n.result()
		}},
		{"avg", types("array[number]"), avg},
		{"ceil", types("number"), rounding(math.Ceil)},
		{"floor", types("number"), rounding(math.Floor)},
		{"round", types("number", "number"), round},
		{"sum", types("array[number]"), sum},
	}
}

// rounding applies f to what is not whole already.
func rounding(f func(float64) float64) func(*evaluation, []any) (any, error) {
	return func(_ *evaluation, args []any) (any, error) {
		n, _ := toNumber(args[0])
		if n.isWhole {
			return n.value(), nil
		}
		return floatNumber(f(n.float)).result()
	}
}

// round rounds the first argument to as many decimal places as the second says,
// halves away from zero. A negative number of places rounds to tens, hundreds …
func round(_ *evaluation, args []any) (any, error) {
	n, _ := toNumber(args[0])
	places, _ := toNumber(args[1])
	if !places.isWhole || places.whole < -15 || places.whole > 15 {
		return nil, badValue("the number of places has to be whole, from -15 to 15", "write round(x, 2)")
	}
	if n.isWhole && places.whole >= 0 {
		return n.value(), nil
	}
	scale := math.Pow10(int(max(places.whole, -places.whole)))
	if places.whole < 0 {
		return floatNumber(math.Round(n.float/scale) * scale).result()
	}
	if math.Abs(n.float*scale) >= 1<<53 {
		return n.result() // it has no digits there
	}
	return floatNumber(math.Round(n.float*scale) / scale).result()
}

// total adds up numbers.
func total(ev *evaluation, items []any) (number, error) {
	sum := wholeNumber(0)
	for _, item := range items {
		n, _ := toNumber(item)
		sum = sum.with("+", n)
	}
	return sum, ev.budget.spend(len(items))
}

func sum(ev *evaluation, args []any) (any, error) {
	n, err := total(ev, args[0].([]any))
	if err != nil {
		return nil, err
	}
	return n.result()
}

func avg(ev *evaluation, args []any) (any, error) {
	items := args[0].([]any)
	if len(items) == 0 {
		return nil, nil
	}
	n, err := total(ev, items)
	if err != nil {
		return nil, err
	}
	return reckon("/", n, wholeNumber(int64(len(items))))
}
