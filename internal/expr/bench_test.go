package expr

import "testing"

func BenchmarkEvalPath(b *testing.B) {
	e, err := Parse("steps.send-mail.id")
	if err != nil {
		b.Fatal(err)
	}
	env := env(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := e.Eval(env); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse("steps.items[?price > 100 and ok].name | join(', ', @)"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRender(b *testing.B) {
	tmpl, err := ParseTemplate(map[string]any{
		"chat": "${params.chat}",
		"text": "${params.city}: ${steps.weather.forecast[0]}, ${length(steps.items)} items",
		"from": "${now-24h}",
	})
	if err != nil {
		b.Fatal(err)
	}
	env := env(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := tmpl.Render(env); err != nil {
			b.Fatal(err)
		}
	}
}
