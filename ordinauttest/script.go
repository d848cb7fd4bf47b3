package ordinauttest

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/tool"
)

// Act is what a scripted tool does when it is called for the n-th time.
type Act func(ctx context.Context, n int, args json.RawMessage) (any, error)

// Script is tools that do what a test says, at addresses that begin with
// "script.". It remembers every call.
type Script struct {
	acts map[string]Act

	mu    sync.Mutex
	calls []tool.Call
	count map[string]int
}

// On sets what the tool script.<name> does. It is to be said before the world
// starts.
func (s *Script) On(name string, act Act) *Script {
	if s.acts == nil {
		s.acts, s.count = map[string]Act{}, map[string]int{}
	}
	s.acts["script."+name] = act
	return s
}

// Tools lists the scripted tools.
func (s *Script) Tools(context.Context) ([]ordinaut.Tool, error) {
	tools := make([]ordinaut.Tool, 0, len(s.acts))
	for address := range s.acts {
		tools = append(tools, ordinaut.Tool{Address: address})
	}
	return tools, nil
}

// Call does what the script says.
func (s *Script) Call(ctx context.Context, c tool.Call) (tool.Result, error) {
	s.mu.Lock()
	s.calls = append(s.calls, c)
	s.count[c.Address]++
	n := s.count[c.Address]
	s.mu.Unlock()
	value, err := s.acts[c.Address](ctx, n, c.Args)
	if err != nil {
		return tool.Result{}, err
	}
	output, err := json.Marshal(value)
	return tool.Result{Output: output}, err
}

// Calls lists the calls so far, a line each.
func (s *Script) Calls() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var b strings.Builder
	for _, c := range s.calls {
		fmt.Fprintf(&b, "%s %s %s attempt %d\n", c.Step, c.Address, c.Args, c.Attempt)
	}
	return b.String()
}

// Keys lists the idempotency keys of a tool's calls, each once.
func (s *Script) Keys(name string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var keys []string
	for _, c := range s.calls {
		if c.Address == "script."+name && !slices.Contains(keys, c.IdempotencyKey) {
			keys = append(keys, c.IdempotencyKey)
		}
	}
	return keys
}
