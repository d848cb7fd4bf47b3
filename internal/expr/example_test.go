package expr_test

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/ordinaut/ordinaut/internal/expr"
)

func briefing() *expr.Env {
	return &expr.Env{
		Roots: map[string]any{
			"params": map[string]any{"city": "Chișinău", "chat": json.Number("-1001234567890123")},
			"steps": map[string]any{
				"weather": map[string]any{"high": json.Number("31"), "low": json.Number("18")},
				"events":  []any{map[string]any{"title": "Standup"}, map[string]any{"title": "Dentist"}},
			},
		},
		Now:  time.Date(2026, 7, 1, 5, 30, 0, 0, time.UTC),
		Zone: time.FixedZone("EEST", 3*3600),
	}
}

func Example() {
	tmpl, err := expr.ParseTemplate(map[string]any{
		"chat":  "${params.chat}",
		"until": "${now+24h}",
		"text":  "${params.city}: ${steps.weather.high}°, ${length(steps.events)} events: ${join(', ', steps.events[*].title)}",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	v, err := tmpl.Render(briefing())
	if err != nil {
		fmt.Println(err)
		return
	}
	out, _ := json.MarshalIndent(v, "", "  ")
	fmt.Println(string(out))
	// Output:
	// {
	//   "chat": -1001234567890123,
	//   "text": "Chișinău: 31°, 2 events: Standup, Dentist",
	//   "until": "2026-07-02T08:30:00+03:00"
	// }
}

func ExampleParse() {
	condition, err := expr.Parse("steps.weather.high > 30 and length(steps.events) > 0")
	if err != nil {
		fmt.Println(err)
		return
	}
	v, err := condition.Eval(briefing())
	fmt.Println(expr.Truthy(v), err)
	for _, ref := range condition.Refs() {
		fmt.Println(ref.Root, ref.Name)
	}
	// Output:
	// true <nil>
	// steps weather
	// steps events
}

func ExampleExpr_Search() {
	e, err := expr.Parse("items[?price > `10`].name | sort(@)")
	if err != nil {
		fmt.Println(err)
		return
	}
	v, err := e.Search(&expr.Env{}, map[string]any{"items": []any{
		map[string]any{"name": "tea", "price": json.Number("12")},
		map[string]any{"name": "bread", "price": json.Number("3")},
		map[string]any{"name": "cheese", "price": json.Number("25")},
	}})
	fmt.Println(v, err)
	// Output: [cheese tea] <nil>
}

func ExampleTemplate_Render_broken() {
	tmpl, err := expr.ParseTemplate(map[string]any{"text": "It is ${steps.weather.temp}°"})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = tmpl.Render(briefing())
	fmt.Println(err)
	// Output:
	// expression.null_value: column 9, “steps.weather.temp”: null cannot stand inside a text: steps.weather has no field temp; it has: high, low (at /text); read something that is there, or say what to write instead, as in steps.weather.temp || 'none'
}
