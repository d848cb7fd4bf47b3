package rehearsal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/jsonguard"
	"github.com/ordinaut/ordinaut/internal/schema"
)

// script is a file of mocks, read.
type script struct {
	Now    *time.Time         `json:"now"`
	Params map[string]any     `json:"params"`
	Event  *scriptedEvent     `json:"event"`
	Mocks  map[string]answers `json:"mocks"`
	Cases  []scripted         `json:"cases"`
}

// scripted is a case as it is written. What it does not say is as the script
// says it.
type scripted struct {
	Name   string             `json:"name"`
	Now    *time.Time         `json:"now"`
	Params map[string]any     `json:"params"`
	Event  *scriptedEvent     `json:"event"`
	Mocks  map[string]answers `json:"mocks"`
	Expect expectation        `json:"expect"`
}

// read reads a script. The error tells everything in it that does not fit its
// schema, or else every template that cannot be read.
func read(raw json.RawMessage) (*script, error) {
	s := &script{}
	if len(bytes.TrimSpace(raw)) == 0 {
		return s, nil
	}
	if err := jsonguard.Check(raw, jsonguard.Limits{}); err != nil {
		return nil, err
	}
	compiled, err := schema.Compile(Schema())
	if err != nil {
		return nil, fmt.Errorf("compile the schema of scripts: %w", err)
	}
	var value any
	if err := jsonguard.Decode(raw, &value); err != nil {
		return nil, err
	}
	if err := compiled.Validate(value).Err(); err != nil {
		return nil, err
	}
	if err := jsonguard.Decode(raw, s); err != nil {
		return nil, err
	}
	var faults ordinaut.Errors
	faults.Add(parse(s.Mocks, "/mocks"))
	for i, c := range s.Cases {
		faults.Add(parse(c.Mocks, "/cases/"+strconv.Itoa(i)+"/mocks"))
	}
	return s, faults.Err()
}

// parse reads the templates in the outputs of mocks.
func parse(mocks map[string]answers, at string) error {
	var faults ordinaut.Errors
	for _, name := range slices.Sorted(maps.Keys(mocks)) {
		for i, a := range mocks[name] {
			place := at + "/" + ordinaut.PointerToken(name)
			if len(mocks[name]) > 1 {
				place += "/" + strconv.Itoa(i)
			}
			for _, f := range a.parse() {
				faults.Add(f.Under(place))
			}
		}
	}
	return faults.Err()
}

// check finds mocks and expectations of what the pipeline does not have.
func (s *script) check(steps []role) error {
	k := known{steps: steps}
	k.mocks(s.Mocks, "/mocks")
	for i, c := range s.Cases {
		at := "/cases/" + strconv.Itoa(i)
		k.mocks(c.Mocks, at+"/mocks")
		for _, path := range slices.Sorted(maps.Keys(c.Expect.Steps)) {
			if k.find(itemNumber.ReplaceAllString(path, "")) == nil {
				k.faults.Add(stranger(path, at+"/expect/steps/"+ordinaut.PointerToken(path), "there is no step %q", k.paths()))
			}
		}
	}
	return k.faults.Err()
}
