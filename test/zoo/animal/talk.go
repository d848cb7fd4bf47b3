//go:build unix

package main

import (
	"fmt"
	"strings"
)

// talkers say much while they are called.
func talkers() map[string]behaviour {
	return map[string]behaviour{
		"chatter":  {call: talking(`{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"` + strings.Repeat("bla ", 1000) + `"}}`)},
		"flickers": {call: talking(`{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}`)},
		"progress": {call: func(s *server, r request) {
			talking(fmt.Sprintf(`{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":%s,"progress":1,"message":"soon"}}`, r.Params.Meta.ProgressToken))(s, r)
		}},
		"asks":       {call: asks},
		"interviews": {call: talking(`{"jsonrpc":"2.0","id":"q","method":"sampling/createMessage","params":{"messages":[],"maxTokens":1}}`)},
	}
}

// talking writes a line without end.
func talking(line string) func(*server, request) {
	return func(s *server, _ request) { flood(s.out, strings.Repeat(line+"\n", 10)) }
}

// asks asks for a model, a folder and a person, and tells what it got.
func asks(s *server, r request) {
	var got []string
	for i, method := range []string{"sampling/createMessage", "roots/list", "elicitation/create"} {
		id := fmt.Sprintf("q%d", i)
		s.write(fmt.Sprintf(`{"jsonrpc":"2.0","id":%q,"method":%q,"params":{}}`, id, method))
		for {
			if !s.in.Scan() {
				return
			}
			if strings.Contains(s.in.Text(), id) {
				got = append(got, s.in.Text())
				break
			}
		}
	}
	if strings.Count(strings.Join(got, ""), `"error"`) == len(got) {
		s.say(r, "honest: nothing was given")
		return
	}
	s.say(r, "a lie")
}
