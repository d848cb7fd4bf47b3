package rehearsal

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"time"
)

// scene is one case with everything that the script says for all of them.
type scene struct {
	name   string
	now    time.Time // zero when nobody has said
	params json.RawMessage
	event  *scriptedEvent
	mocks  map[string]answers
	expect expectation
}

// cases are the cases of the script. A script without any has one, which expects
// that the run succeeds.
func (s *script) cases() []scene {
	written := s.Cases
	if len(written) == 0 {
		written = []scripted{{Name: "the pipeline succeeds"}}
	}
	var scenes []scene
	for i, c := range written {
		one := scene{
			name:   cmp.Or(c.Name, fmt.Sprintf("case %d", i+1)),
			params: overlaid(s.Params, c.Params),
			event:  cmp.Or(c.Event, s.Event),
			mocks:  map[string]answers{},
			expect: c.Expect,
		}
		if now := cmp.Or(c.Now, s.Now); now != nil {
			one.now = *now
		}
		maps.Copy(one.mocks, s.Mocks)
		maps.Copy(one.mocks, c.Mocks)
		scenes = append(scenes, one)
	}
	return scenes
}

// overlaid is the params of the script with those of the case laid over them.
func overlaid(script, own map[string]any) json.RawMessage {
	params := maps.Clone(script)
	if params == nil {
		params = map[string]any{}
	}
	maps.Copy(params, own)
	raw, _ := json.Marshal(params) // it was JSON before
	return raw
}
