package expr

import (
	"strings"
	"testing"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

func TestLimitsAreKeptAtTheLimitAndOnePast(t *testing.T) {
	t.Parallel()
	parsed := func(text string) func() error {
		return func() error { _, err := Parse(text); return err }
	}
	evaluated := func(text string, doc any) func() error {
		return func() error { _, err := search(text, doc); return err }
	}
	rendered := func(value any) func() error {
		return func() error { _, err := render(t, value); return err }
	}
	spent := func(steps int) func() error { return func() error { return newBudget().spend(steps) } }
	nest := func(open, inner, shut string, n int) string {
		return strings.Repeat(open, n) + inner + strings.Repeat(shut, n)
	}
	const depth, bytes = limits.ExprNesting, limits.ExprBytes
	for _, c := range []struct {
		name      string
		at, past  func() error
		wantsCode ordinaut.Code
	}{
		{"bytes of an expression", parsed("'" + strings.Repeat("x", bytes-2) + "'"), parsed("'" + strings.Repeat("x", bytes-1) + "'"), ordinaut.CodeExprTooLong},
		{"bytes of a body", rendered("${'" + strings.Repeat("x", bytes-2) + "'}"), rendered("${'" + strings.Repeat("x", bytes-1) + "'}"), ordinaut.CodeExprTooLong},
		{"spaces in a body", rendered("${1" + strings.Repeat(" ", bytes-1) + "}"), rendered("${1" + strings.Repeat(" ", bytes) + "}"), ordinaut.CodeExprTooLong},
		{"parentheses", parsed(nest("(", "a", ")", depth)), parsed(nest("(", "a", ")", depth+1)), ordinaut.CodeExprTooDeep},
		{"lists", parsed(nest("[", "a", "]", depth)), parsed(nest("[", "a", "]", depth+1)), ordinaut.CodeExprTooDeep},
		{"objects", parsed(nest("{a:", "a", "}", depth)), parsed(nest("{a:", "a", "}", depth+1)), ordinaut.CodeExprTooDeep},
		{"calls", parsed(nest("abs(", "a", ")", depth)), parsed(nest("abs(", "a", ")", depth+1)), ordinaut.CodeExprTooDeep},
		{"negations", parsed(nest("!", "a", "", depth)), parsed(nest("!", "a", "", depth+1)), ordinaut.CodeExprTooDeep},
		{"not", parsed(nest("not ", "a", "", depth)), parsed(nest("not ", "a", "", depth+1)), ordinaut.CodeExprTooDeep},
		{"signs", parsed(nest("-", "a", "", depth)), parsed(nest("-", "a", "", depth+1)), ordinaut.CodeExprTooDeep},
		{"choices", parsed(nest("a?b:", "c", "", depth)), parsed(nest("a?b:", "c", "", depth+1)), ordinaut.CodeExprTooDeep},
		{"projections", parsed(nest("[*]", "", "", depth)), parsed(nest("[*]", "", "", depth+1)), ordinaut.CodeExprTooDeep},
		{"filters", parsed(nest("a[?", "b", "]", depth)), parsed(nest("a[?", "b", "]", depth+1)), ordinaut.CodeExprTooDeep},
		{"steps", spent(limits.ExprSteps), spent(limits.ExprSteps + 1), ordinaut.CodeExprBudget},
		{"values given by an expression", evaluated("@", nulls(limits.ExprNodesOut-1)), evaluated("@", nulls(limits.ExprNodesOut)), ordinaut.CodeExprBudget},
		{"values given by a template", rendered(nulls(limits.ExprNodesOut - 1)), rendered(nulls(limits.ExprNodesOut)), ordinaut.CodeExprBudget},
		{"bytes given by an expression", evaluated("@", strings.Repeat("x", limits.ExprBytesOut-2)), evaluated("@", strings.Repeat("x", limits.ExprBytesOut-1)), ordinaut.CodeExprBudget},
		{"depth of a value given", evaluated("@", lists(limits.JSONDepth)), evaluated("@", lists(limits.JSONDepth+1)), ordinaut.CodeExprTooDeep},
		{"depth of a value compared", evaluated("@ == @", lists(limits.JSONDepth)), evaluated("@ == @", lists(limits.JSONDepth+1)), ordinaut.CodeExprTooDeep},
		{"depth of a value written", evaluated("json(@)", lists(limits.JSONDepth)), evaluated("json(@)", lists(limits.JSONDepth+1)), ordinaut.CodeExprTooDeep},
		{"depth of a template", rendered(lists(limits.JSONDepth)), rendered(lists(limits.JSONDepth + 1)), ordinaut.CodeExprTooDeep},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if err := c.at(); err != nil {
				t.Errorf("at the limit: %v", err)
			}
			wantCode(t, "one past the limit", c.past(), c.wantsCode)
		})
	}
}

// nulls is a list of n nulls.
func nulls(n int) any { return make([]any, n) }

// lists is n lists, one inside the other.
func lists(n int) any {
	v := any([]any{})
	for range n - 1 {
		v = []any{v}
	}
	return v
}

// TestHostileExpressionsEndWithinTheBudget feeds what is known to kill or stall
// JMESPath libraries.
func TestHostileExpressionsEndWithinTheBudget(t *testing.T) {
	t.Parallel()
	again := strings.Repeat
	for name, c := range map[string]struct {
		text string
		want ordinaut.Code
	}{
		"a megabyte of parentheses":               {again("(", 1<<20), ordinaut.CodeExprTooLong},
		"four thousand negations":                 {again("!", 4000), ordinaut.CodeExprTooDeep},
		"brackets":                                {again("[", 4000), ordinaut.CodeExprTooDeep},
		"braces":                                  {again("{a:", 1300), ordinaut.CodeExprTooDeep},
		"references":                              {again("&", 4000), ordinaut.CodeExprSyntax},
		"shared lists nested too deeply":          {again("[@,@]|", 600) + "@", ordinaut.CodeExprTooDeep},
		"shared lists that explode when written":  {"big|" + again("[@,@]|", 30) + "@", ordinaut.CodeExprBudget},
		"shared lists that explode as text":       {again("[@,@]|", 30) + "to_string(@)", ordinaut.CodeExprBudget},
		"shared lists that explode when compared": {again("[@,@]|", 30) + "@ == @", ordinaut.CodeExprBudget},
		"shared objects that explode":             {again("{a:@,b:@,c:@}|", 20) + "json(@)", ordinaut.CodeExprBudget},
		"a list doubled by flattening":            {"list" + again("|[@,@][]", 100), ordinaut.CodeExprBudget},
		"a text doubled by joining":               {"big" + again("|join('',[@,@])", 100), ordinaut.CodeExprBudget},
		"a text grown by replacing":               {"'a'" + again("|replace(@,'a','aa')", 190), ordinaut.CodeExprBudget},
		"a text replaced again and again":         {"big" + again("|replace(@,'a','b')", 190), ordinaut.CodeExprBudget},
		"a text escaped again and again":          {"'\"'" + again("|json(@)", 500), ordinaut.CodeExprBudget},
		"long equal texts sorted":                 {"[big,big]" + again("|[@,@][]", 12) + "|sort(@)", ordinaut.CodeExprBudget},
		"long equal texts compared":               {"map(&$.big == $.big, list)", ordinaut.CodeExprBudget},
		"long equal texts, the greatest":          {"[big,big]" + again("|[@,@][]", 12) + "|max(@)", ordinaut.CodeExprBudget},
		"many keys sorted":                        {"list" + again("|[@,@][]", 7) + "|sort_by(@,&@)", ordinaut.CodeExprBudget},
		"projections in projections":              {"list[*].[$.list[*].[$.list[*].[$.list]]]", ordinaut.CodeExprBudget},
		"filters in filters":                      {"list[?$.list[?$.list[?@ == `-1`]] == `1`]", ordinaut.CodeExprBudget},
		"maps in maps":                            {"map(&map(&map(&@,$.list),$.list),list)", ordinaut.CodeExprBudget},
		"a text split into characters":            {"split(big,'')", ordinaut.CodeExprBudget},
		"texts searched":                          {"map(&contains($.big,'aab'),list)", ordinaut.CodeExprBudget},
		"texts turned round":                      {"map(&reverse($.big),list)", ordinaut.CodeExprBudget},
		"texts raised":                            {"map(&upper($.big),list)", ordinaut.CodeExprBudget},
		"texts trimmed":                           {"map(&length(trim($.big)),list)", ordinaut.CodeExprBudget},
		"texts hashed":                            {"map(&uuid($.big),list)", ordinaut.CodeExprBudget},
		"texts read as JSON":                      {"map(&to_number($.big),list)", ordinaut.CodeExprBudget},
		"JSON read again and again":               {"[@,@,@,@]|[@,@][]|[@,@][]|[@,@][]|[@,@][]|[@,@][]|[@,@][]|[@,@][]|[@,@][]|map(&length(parse_json('[" + again("[],", 1000) + "[]]')),@)", ordinaut.CodeExprBudget},
		"times written":                           {"map(&date('2026-01-01T00:00:00Z','" + again("%c", 1500) + "'),list)", ordinaut.CodeExprBudget},
		"objects listed":                          {"map(&keys($.wide),list)", ordinaut.CodeExprBudget},
		"objects put together":                    {"map(&merge($.wide,$.wide),list)", ordinaut.CodeExprBudget},
		"objects' values":                         {"map(&$.wide.*,list)", ordinaut.CodeExprBudget},
		"slices":                                  {"map(&length($.list[::-1]),list)", ordinaut.CodeExprBudget},
		"sums":                                    {"map(&sum($.list),list)", ordinaut.CodeExprBudget},
		"lists checked for their types":           {"map(&max($.list),list)", ordinaut.CodeExprBudget},
		"lists turned round":                      {"map(&length(reverse($.list)),list)", ordinaut.CodeExprBudget},
		"lists searched":                          {"map(&contains($.list,`-1`),list)", ordinaut.CodeExprBudget},
		"an unclosed quote":                       {"'" + again("x", 1<<20), ordinaut.CodeExprTooLong},
		"names with hyphens and durations":        {"a" + again("-1h", 1<<18) + "x", ordinaut.CodeExprTooLong},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := search(c.text, hostileDocument())
			if err == nil {
				t.Fatalf("gave a %T, want %s", got, c.want)
			}
			wantCode(t, name, err, c.want)
		})
	}
}

func hostileDocument() any {
	list, wide := make([]any, 3000), map[string]any{}
	for i := range list {
		list[i] = len(list) - i
		wide[strings.Repeat("k", i%7)+string(rune('a'+i%26))] = i
	}
	return map[string]any{"big": strings.Repeat("a", 1<<19), "list": list, "wide": wide}
}

func TestHostileTemplatesEndWithinTheBudget(t *testing.T) {
	t.Parallel()
	many := make([]any, 5000)
	for i := range many {
		many[i] = "${params.big} ${params.big}"
	}
	e := env(t)
	e.Roots["params"] = map[string]any{"big": strings.Repeat("x", 1000)}
	for name, value := range map[string]any{
		"many long strings":       many,
		"one string, many bodies": strings.Repeat("${params.big}", 5000),
		"a long object":           map[string]any{"a": many, "b": many},
		"wide but constant":       []any{nulls(60_000), nulls(60_000)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tmpl, err := ParseTemplate(value)
			if err != nil {
				t.Fatal(err)
			}
			_, err = tmpl.Render(e)
			wantCode(t, name, err, ordinaut.CodeExprBudget)
		})
	}
}

func TestFaultsAreToldUpToAHundred(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"${", "x${gone}"} {
		many := make([]any, 1000)
		for i := range many {
			many[i] = body
		}
		_, err := render(t, many)
		if got := len(ordinaut.AsError(err).All()); got != 100 {
			t.Errorf("%s: got %d faults, want 100", body, got)
		}
	}
}

func TestExplainingWhatBrokeIsBudgetedToo(t *testing.T) {
	t.Parallel()
	wide, many := map[string]any{}, make([]any, 300)
	for i := range 20_000 {
		wide[strings.Repeat("k", i%50)+string(rune('A'+i))] = i
	}
	for i := range many {
		many[i] = "x ${params.wide.nope}"
	}
	e := env(t)
	e.Roots["params"] = map[string]any{"wide": wide, "list": nulls(200_000)}
	for _, broken := range []string{"x ${params.wide.nope}", "x ${params.list.nope}", "${length(params.wide.nope)}", "${abs(params.list)}"} {
		for i := range many {
			many[i] = broken
		}
		tmpl, err := ParseTemplate(many)
		if err != nil {
			t.Fatal(err)
		}
		_, err = tmpl.Render(e)
		if faults := ordinaut.AsError(err).All(); len(faults) > 100 || faults[0].Code == ordinaut.CodeInternal {
			t.Errorf("%s: got %d faults, the first %v", broken, len(faults), faults[0])
		}
	}
}
