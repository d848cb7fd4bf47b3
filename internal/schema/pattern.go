package schema

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// A short pattern can stand for a long program: x{1000} is a thousand steps,
// each of which takes memory, and time on every byte of a text.
const (
	patternChars = 512
	patternSteps = 50_000 // of all patterns of a schema together
)

// pattern is the size of a pattern, which is bounded.
func (s *surveyor) pattern(at string, value any) (int, error) {
	pattern, ok := value.(string)
	if !ok {
		return 0, nil // the schema of schemas refuses it
	}
	if len(pattern) > patternChars {
		return 0, refuse(at, fmt.Sprintf("the pattern has %d characters, and may have %d", len(pattern), patternChars), "shorten it")
	}
	steps, err := program(pattern)
	if err != nil {
		return 0, refuse(at, "the pattern cannot be read: "+err.Error(), "write a regular expression of RE2, which has no lookaround and no back references")
	}
	if s.patterns += steps; s.patterns > patternSteps {
		return 0, refuse(at, fmt.Sprintf("the patterns of the schema have more than %d steps together", patternSteps), "use maxLength instead of repetitions such as {1000}")
	}
	return steps, nil
}

// namePatterns is the size of all names below patternProperties.
func (s *surveyor) namePatterns(at string, value any) (total int, err error) {
	byName, _ := value.(map[string]any)
	for name := range byName {
		steps, err := s.pattern(join(at, name), name)
		if err != nil {
			return 0, err
		}
		total += steps
	}
	return total, nil
}

// program says how many steps a pattern compiles to.
func program(pattern string) (int, error) {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		if bad, ok := errors.AsType[*syntax.Error](err); ok {
			err = errors.New(string(bad.Code))
		}
		return 0, err
	}
	prog, err := syntax.Compile(re.Simplify())
	if err != nil {
		return 0, err
	}
	return len(prog.Inst), nil
}

// engine compiles the patterns of schemas, which are surveyed, and those in
// values whose format is regex.
func engine(pattern string) (jsonschema.Regexp, error) {
	if len(pattern) > patternChars {
		return nil, errors.New("longer than is accepted")
	}
	return regexp.Compile(pattern)
}
