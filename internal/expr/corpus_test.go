package expr

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestTemplates draws the template language: what is written, and the JSON that
// comes out.
func TestTemplates(t *testing.T) {
	t.Parallel()
	for _, group := range []struct {
		name  string
		cases [][2]string
	}{
		{"time arithmetic", timeCases()},
		{"types are kept", typeCases()},
		{"logic", logicCases()},
		{"reckoning", arithmeticCases()},
		{"paths and names", pathCases()},
		{"null that is meant", nullCases()},
	} {
		t.Run(group.name, func(t *testing.T) {
			t.Parallel()
			for _, c := range group.cases {
				got, err := render(t, c[0])
				if err != nil {
					t.Errorf("%s: %v", c[0], err)
					continue
				}
				if diff := cmp.Diff(decode(t, c[1]), got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", c[0], diff)
				}
			}
		})
	}
}

func timeCases() [][2]string {
	return [][2]string{
		{"${now}", `"2026-03-28T08:30:00+02:00"`},
		{"${now+1h}", `"2026-03-28T09:30:00+02:00"`},
		{"${now+24h}", `"2026-03-29T09:30:00+03:00"`},
		{"${now-24h}", `"2026-03-27T08:30:00+02:00"`},
		{"${now-48h}", `"2026-03-26T08:30:00+02:00"`},
		{"${now - 7d}", `"2026-03-21T08:30:00+02:00"`},
		{"${now + 21d}", `"2026-04-18T08:30:00+03:00"`},
		{"${now+1d}", `"2026-03-29T08:30:00+03:00"`},
		{"${now + 2w}", `"2026-04-11T08:30:00+03:00"`},
		{"${now + 86400}", `"2026-03-29T09:30:00+03:00"`},
		{"${now - 86400}", `"2026-03-27T08:30:00+02:00"`},
		{"${now + 3 * 24 * 3600}", `"2026-03-31T09:30:00+03:00"`},
		{"${now + 0.5}", `"2026-03-28T08:30:00.5+02:00"`},
		{"${now+1h30m}", `"2026-03-28T10:00:00+02:00"`},
		{"${now-1d12h}", `"2026-03-26T20:30:00+02:00"`},
		{"${now-24h-30m}", `"2026-03-27T08:00:00+02:00"`},
		{"${now-24h+30m}", `"2026-03-27T09:00:00+02:00"`},
		{"${run.nominal_at + 90m}", `"2026-03-28T10:00:00+02:00"`},
		{"${run.nominal_at+90s}", `"2026-03-28T08:31:30+02:00"`},
		{"${params.start - 1h}", `"2026-03-27T11:00:00+02:00"`},
		{"${now + params.delay}", `"2026-03-28T10:30:00+02:00"`},
		{"${add(now, '-7d')}", `"2026-03-21T08:30:00+02:00"`},
		{"${add(params.start, 60)}", `"2026-03-27T12:01:00+02:00"`},
		{"${date(now, '%Y-%m-%d')}", `"2026-03-28"`},
		{"${now | date('%d.%m.%Y')}", `"28.03.2026"`},
		{"${now + 1d | date(@, '%A')}", `"Sunday"`},
		{"${diff(now + 1d, now, 'h')}", `23`},
		{"${diff(now + 1d, now, 'd')}", `1`},
		{"${diff(now, params.start, 'h')}", `20.5`},
		{"${diff(now + 0.25, now, 's')}", `0.25`},
		{"${diff(now, now + 3w, 'w')}", `-3`},
		{"${diff(now + 90s, now, 'm')}", `1.5`},
		{"${weekday(now)}", `6`},
		{"${weekday(now + 1d)}", `7`},
		{"${weekday(now) <= 5 ? 'work' : 'rest'}", `"rest"`},
		{"${iso_week(now)}", `13`},
		{"between ${now-24h} and ${now}", `"between 2026-03-27T08:30:00+02:00 and 2026-03-28T08:30:00+02:00"`},
	}
}

func typeCases() [][2]string {
	return [][2]string{
		{"${params.n}", `5`},
		{"${params.chat}", `-1001234567890123`},
		{"${params.big}", `9007199254740993`},
		{"${params.half}", `0.5`},
		{"${params.city}", `"Chișinău"`},
		{"${params.none}", `null`},
		{"${params.missing}", `null`},
		{"${steps.skipped}", `null`},
		{"${steps.skipped.anything}", `null`},
		{"${event.payload.x}", `null`},
		{"${steps.numbers}", `[3, 1, 2]`},
		{"${steps.send-mail}", `{"id": 7, "error": null}`},
		{"${steps.items[0].ok}", `true`},
		{"${`{\"a\": [1.0]}`}", `{"a": [1.0]}`},
		{" ${params.n}", `" 5"`},
		{"${params.n}${params.n}", `"55"`},
		{"n = ${params.n}, half = ${params.half}", `"n = 5, half = 0.5"`},
		{"ok: ${steps.items[0].ok}", `"ok: true"`},
		{"l: ${steps.numbers}", `"l: [3,1,2]"`},
		{"o: ${steps.items[1]}", `"o: {\"name\":\"b\",\"ok\":false,\"price\":50}"`},
		{"h: ${ {html: params.html} }", `"h: {\"html\":\"<b>&</b>\"}"`},
		{"$${params.n} is ${params.n}", `"${params.n} is 5"`},
		{"$${params.n}", `"${params.n}"`},
		{"costs 5$", `"costs 5$"`},
		{"$$${x}", `"$${x}"`},
		{"$ {x} {y}", `"$ {x} {y}"`},
		{"${params.inject}", `"${params.n}"`},
		{"see ${params.inject}", `"see ${params.n}"`},
		{"${ {a: {b: '}'}, \"c}\": `\"}\"`} }", `{"a": {"b": "}"}, "c}": "}"}`},
		{"${join('', ['${', params.city, '}'])}", `"${Chișinău}"`},
	}
}

func logicCases() [][2]string {
	return [][2]string{
		{"${params.n > 3 or steps.skipped.m > 0}", `true`},
		{"${params.n > 3 and params.n < 5}", `false`},
		{"${params.n >= 5 && params.n <= 5}", `true`},
		{"${not params.n == 5}", `false`},
		{"${not (params.n == 4) and true}", `true`},
		{"${!params.n == 5}", `false`},
		{"${!params.none}", `true`},
		{"${!steps.items[0].ok}", `false`},
		{"${!steps.gone || steps.gone.error}", `true`},
		{"${params.n === 5}", `true`},
		{"${params.city == 'Chișinău'}", `true`},
		{"${params.n > 3 ? 'many' : 'few'}", `"many"`},
		{"${params.n > 9 ? 'many' : params.n > 4 ? 'some' : 'few'}", `"some"`},
		{"${params.none ? steps.gone : 'lazy'}", `"lazy"`},
		{"${if(params.n > 3, 'many', steps.gone)}", `"many"`},
		{"${params.n == 5 ? {a: 1} : {a: 2}}", `{"a": 1}`},
		{"${length(steps.numbers) > `0`}", `true`},
		{"${steps.items[0].ok == true}", `true`},
		{"${params.none == null}", `true`},
		{"${steps.items[?ok == false].name}", `["b"]`},
		{"${true}", `true`},
		{"${5 == 5.0}", `true`},
		{"${`[1, {\"a\": 2}]` == `[1.0, {\"a\": 2e0}]`}", `true`},
		{"${`[1]` == `[1, 2]`}", `false`},
		{"${`{\"a\": 1}` == `{\"b\": 1}`}", `false`},
		{"${`{\"a\": 1}` != `{\"a\": 2}`}", `true`},
		{"${'a' < 'b'}", `null`},
	}
}

func arithmeticCases() [][2]string {
	return [][2]string{
		{"${1 + 2 * 3}", `7`},
		{"${(1 + 2) * 3}", `9`},
		{"${7 / 2}", `3.5`},
		{"${6 / 2}", `3`},
		{"${7 % 4}", `3`},
		{"${-7 % 4}", `-3`},
		{"${7.5 % 2}", `1.5`},
		{"${10 - 2 - 3}", `5`},
		{"${2 * -1}", `-2`},
		{"${-params.n + 1}", `-4`},
		{"${params.n - 1}", `4`},
		{"${params.n*params.half}", `2.5`},
		{"${params.big + 1}", `9007199254740994`},
		{"${9223372036854775807 + 1}", `9.223372036854776e+18`},
		{"${-9223372036854775808 - 1}", `-9.223372036854776e+18`},
		{"${4611686018427387904 * 2}", `9.223372036854776e+18`},
		{"${0 * 9223372036854775807}", `0`},
		{"${1e3}", `1000`},
		{"${1.5E-1}", `0.15`},
		{"${round(2.675, 2)}", `2.68`},
		{"${params.half | round(0)}", `1`},
		{"${round(1234.5, -2)}", `1200`},
		{"${round(params.n, 2)}", `5`},
		{"${1 + 1 == 2 ? 'sound' : 'odd'}", `"sound"`},
	}
}

func pathCases() [][2]string {
	return [][2]string{
		{"${steps.send-mail.id}", `7`},
		{"${steps.\"send-mail\".id}", `7`},
		{"${steps.items[?price > 100].name}", `["a"]`},
		{"${steps.items[?price > $.params.n].name}", `["a", "b"]`},
		{"${steps.items[*].name}", `["a", "b"]`},
		{"${steps.items[*].{n: name, p: price}.p}", `[150, 50]`},
		{"${steps.items[].price | sum(@)}", `200`},
		{"${sum(steps.items[].price)}", `200`},
		{"${steps.numbers[-1]}", `2`},
		{"${steps.numbers[0:2]}", `[3, 1]`},
		{"${steps.numbers[::-1]}", `[2, 1, 3]`},
		{"${sort(steps.numbers)}", `[1, 2, 3]`},
		{"${steps.numbers | length(@)}", `3`},
		{"${steps.numbers | length(@) > 2}", `true`},
		{"${params.email | split('@') | [0]}", `"ana"`},
		{"${split(params.email, '@')[1]}", `"example.org"`},
		{"${join(', ', steps.items[*].name)}", `"a, b"`},
		{"${steps.{m: send-mail.id, c: weather.city}}", `{"m": 7, "c": "Chișinău"}`},
		{"${[params.n, params.city]}", `[5, "Chișinău"]`},
		{"${\n  params\t.\r city }", `"Chișinău"`},
	}
}

func nullCases() [][2]string {
	return [][2]string{
		{"${steps.gone.x || 'none'}", `"none"`},
		{"${steps.gone.x?}", `null`},
		{"${gone.x?}", `null`},
		{"a ${steps.gone.x || 'none'} b", `"a none b"`},
		{"a ${default(steps.gone.x, 'none')} b", `"a none b"`},
		{"a ${steps.gone.x | default('none')} b", `"a none b"`},
		{"a ${not_null(steps.gone, params.none, 'none')} b", `"a none b"`},
		{"a ${params.none?} b", `"a null b"`},
		{"a ${params.n > 9 ? 1 : params.none?} b", `"a null b"`},
		{"a${params.empty}b", `"ab"`},
		{"${default(params.empty, 'x')}", `""`},
		{"${params.empty || 'x'}", `"x"`},
		{"${errors.weather}", `null`},
	}
}
