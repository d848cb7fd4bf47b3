// Package expr reads and evaluates the expressions and templates of pipelines.
//
// An expression is JMESPath (https://jmespath.org/specification.html), and
// passes its official compliance cases. Beyond the standard there are
//
//   - bare numbers, and true, false and null where no field has that name;
//   - arithmetic: + - * / %;
//   - arithmetic on times: now + 24h, now-7d, run.nominal_at + 90m, where a bare
//     number is seconds and d and w are calendar days in the zone;
//   - "and or not" beside "&& || !", and "c ? a : b";
//   - a hyphen between name characters, which belongs to the name (steps.send-mail),
//     unless a duration follows it (now-24h);
//   - $.name for a root, also from within a filter: items[?price > $.params.limit];
//   - a "?" at the very end: null is meant;
//   - x | f(y) for f(x, y), when f was given one argument too few;
//   - the functions add, date, default, diff, if, iso_week, json, lower,
//     parse_json, replace, round, split, trim, upper, uuid and weekday.
//
// A template is any JSON value whose strings may hold expressions inside ${…}.
// A string that is nothing but one ${…} becomes the value with its type; inside
// a longer string, strings go in as they are and other values as compact JSON.
// $${ writes a literal ${.
//
// Evaluation is strict. A root, or a step under the root steps, that does not
// exist is an error, and so is null inside a longer string. Null is meant before
// "||", as the argument of default() or not_null(), and with "?" at the end.
//
// The package promises that no text and no value can hurt the process: the
// parser bounds length and nesting, the evaluator counts its steps and measures
// what it gives out (the bounds are in package limits), and the same inputs
// always cost and give the same. It does no I/O and reads no clock. Errors name
// the place where a path broke and what is there instead; they show source text,
// names and types, never values, because a value may be a secret.
//
// Values are plain JSON values: nil, bool, string, []any, map[string]any, and
// numbers as json.Number, float64, int or int64. A number that only passes
// through stays exactly as it came; a computed one is a json.Number, exact for
// integers of 64 bits. Results share parts with the values that were read, so
// callers treat both as read-only.
//
// Which roots there are, and which steps come before which, is for the caller
// to check, with the Refs of an Expr or Template.
package expr
