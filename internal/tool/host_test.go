package tool_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/tool"
)

// peer is a server whose tools change.
type peer struct {
	mu    sync.Mutex
	tools []ordinaut.Tool
	err   error
	lists atomic.Int32
	calls atomic.Int32
}

func (p *peer) Tools(context.Context) ([]ordinaut.Tool, error) {
	p.lists.Add(1)
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.tools, p.err
}

func (p *peer) Call(context.Context, tool.Call) (tool.Result, error) {
	p.calls.Add(1)
	return tool.Result{Output: json.RawMessage(`"done"`)}, nil
}

// now makes the peer offer the tools, or fail.
func (p *peer) now(err error, tools ...ordinaut.Tool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tools, p.err = tools, err
}

func offering(addresses ...string) *peer {
	p := &peer{}
	for _, a := range addresses {
		p.tools = append(p.tools, ordinaut.Tool{Address: a})
	}
	return p
}

func addresses(c *tool.Catalog) (list []string) {
	for _, t := range c.List() {
		list = append(list, t.Address)
	}
	return list
}

func code(err error) ordinaut.Code {
	if err == nil {
		return ""
	}
	return ordinaut.AsError(err).Code
}

func TestAServerIsListedWhenItIsNeeded(t *testing.T) {
	t.Parallel()
	p := offering("git.hub.create", "git.hub.close")
	c := catalog(t, shop{tool: ordinaut.Tool{Address: "debug.echo"}})
	c.Serve(tool.Server{Name: "git.hub", Transport: p})
	if diff := cmp.Diff([]string{"debug.echo"}, addresses(c)); diff != "" {
		t.Errorf("before it was listed (-want +got):\n%s", diff)
	}
	if _, err := c.Find("git.hub.create"); code(err) != ordinaut.CodeToolUnavailable {
		t.Errorf("got %v, want that nobody can know yet", err)
	}
	before := c.Revision()
	c.Look(t.Context(), "debug.echo", "git.hub.create", "git.hub.close")
	if _, err := c.Find("git.hub.create"); err != nil || p.lists.Load() != 1 || c.Revision() == before {
		t.Errorf("got %v after %d lists at revision %d, want it found after one, in a new revision", err, p.lists.Load(), c.Revision())
	}
	_, err := c.Find("git.hub.list_all_branches")
	if e := ordinaut.AsError(err); e.Code != ordinaut.CodeToolNotFound || !cmp.Equal(e.Examples, []string{"git.hub.close", "git.hub.create"}) {
		t.Errorf("got %+v, want what the server has", e)
	}
	c.Look(t.Context())
	c.Look(t.Context(), "git.hub.list_all_branches")
	if got := p.lists.Load(); got != 1 {
		t.Errorf("got %d lists, want 1: what is known is not asked again", got)
	}
}

func TestWhatIsRememberedIsListedAtOnceAndCheckedBeforeTheFirstCall(t *testing.T) {
	t.Parallel()
	p := offering("mail.send")
	c := catalog(t)
	var lessons []tool.Lesson
	c.OnLesson(func(l tool.Lesson) { lessons = append(lessons, l) })
	c.Serve(tool.Server{Name: "mail", Transport: p, Known: []ordinaut.Tool{{Address: "mail.send", Description: "before"}, {Address: "mail.fetch"}}})
	if diff := cmp.Diff([]string{"mail.fetch", "mail.send"}, addresses(c)); diff != "" {
		t.Errorf("remembered (-want +got):\n%s", diff)
	}
	if _, err := c.Call(t.Context(), tool.Call{Address: "mail.fetch"}); code(err) != ordinaut.CodeToolNotFound {
		t.Errorf("got %v, want that the tool is gone", err)
	}
	if _, err := c.Call(t.Context(), tool.Call{Address: "mail.send"}); err != nil || p.lists.Load() != 1 {
		t.Errorf("got %v after %d lists, want a call after one", err, p.lists.Load())
	}
	want := []tool.Lesson{{Server: "mail", Tools: p.tools, Changed: []string{"mail.send"}, Gone: []string{"mail.fetch"}, Refused: map[string]error{}}}
	if diff := cmp.Diff(want, lessons); diff != "" {
		t.Errorf("lessons (-want +got):\n%s", diff)
	}
}

func TestAServerOutOfReachSaysWhy(t *testing.T) {
	t.Parallel()
	p := &peer{err: &ordinaut.Error{Code: ordinaut.CodeToolStart, Message: "npx was not found"}}
	c := catalog(t)
	c.Serve(tool.Server{Name: "mail", Transport: p})
	_, err := c.Call(t.Context(), tool.Call{Address: "mail.send"})
	if f := failure(t, err); f.Class != ordinaut.ClassUnavailable || f.Err.Code != ordinaut.CodeToolStart {
		t.Errorf("got %s %v, want it unavailable", f.Class, f)
	}
	if _, err := c.Find("mail.send"); code(err) != ordinaut.CodeToolUnavailable || !strings.Contains(err.Error(), "npx was not found") {
		t.Errorf("got %v, want the reason", err)
	}
	p.now(nil, ordinaut.Tool{Address: "mail.send"})
	if _, err := c.Call(t.Context(), tool.Call{Address: "mail.send"}); err != nil {
		t.Errorf("got %v once it can be reached, want nil", err)
	}
}

func TestAToolThatCannotBeUsedLeavesTheOthers(t *testing.T) {
	t.Parallel()
	p := offering("x.good", "x.good", "y.stray", "x.")
	p.tools = append(p.tools, ordinaut.Tool{Address: "x.bomb", InputSchema: json.RawMessage(`{"$ref": "#"}`)})
	c := catalog(t)
	var refused map[string]error
	c.OnLesson(func(l tool.Lesson) { refused = l.Refused })
	c.Serve(tool.Server{Name: "x", Transport: p})
	c.Look(t.Context())
	if diff := cmp.Diff([]string{"x.good"}, addresses(c)); diff != "" || len(refused) != 3 {
		t.Errorf("got %v refused; list (-want +got):\n%s", refused, diff)
	}
	_, err := c.Call(t.Context(), tool.Call{Address: "x.bomb"})
	if code(err) != ordinaut.CodeToolNotFound || !strings.Contains(err.Error(), "the input schema") {
		t.Errorf("got %v, want the reason", err)
	}
}

func TestTheLongestNameOwnsAnAddress(t *testing.T) {
	t.Parallel()
	short, long, own := offering("a.b.x", "a.y"), offering("a.b.x"), offering("debug.echo")
	c := catalog(t, shop{tool: ordinaut.Tool{Address: "debug.echo"}}, shop{tool: ordinaut.Tool{Address: "debug.log"}})
	c.Serve(tool.Server{Name: "a", Transport: short}, tool.Server{Name: "a.b", Transport: long}, tool.Server{Name: "debug", Transport: own})
	c.Look(t.Context())
	if diff := cmp.Diff([]string{"a.b.x", "a.y", "debug.echo"}, addresses(c)); diff != "" {
		t.Errorf("list (-want +got):\n%s", diff)
	}
	for _, a := range addresses(c) {
		if _, err := c.Call(t.Context(), tool.Call{Address: a}); err != nil {
			t.Errorf("call %s: %v", a, err)
		}
	}
	if short.calls.Load() != 1 || long.calls.Load() != 1 || own.calls.Load() != 1 {
		t.Errorf("got %d, %d and %d calls, want one each", short.calls.Load(), long.calls.Load(), own.calls.Load())
	}
	c.Serve()
	if diff := cmp.Diff([]string{"debug.echo", "debug.log"}, addresses(c)); diff != "" {
		t.Errorf("without servers (-want +got):\n%s", diff)
	}
}

func TestAServerThatStaysKeepsWhatIsKnown(t *testing.T) {
	t.Parallel()
	p, q := offering("p.a"), offering("q.a")
	c := catalog(t)
	c.Serve(tool.Server{Name: "p", Transport: p})
	c.Look(t.Context())
	c.Serve(tool.Server{Name: "p", Transport: p}, tool.Server{Name: "q", Transport: q})
	if diff := cmp.Diff([]string{"p.a"}, addresses(c)); diff != "" {
		t.Errorf("list (-want +got):\n%s", diff)
	}
	c.Learn(p, []ordinaut.Tool{{Address: "p.b"}})
	c.Learn(offering("r.a"), []ordinaut.Tool{{Address: "r.a"}})
	if diff := cmp.Diff([]string{"p.b"}, addresses(c)); diff != "" {
		t.Errorf("after a change (-want +got):\n%s", diff)
	}
}

func TestManyCallersListAServerOnce(t *testing.T) {
	t.Parallel()
	p := offering("p.a")
	c := catalog(t)
	c.Serve(tool.Server{Name: "p", Transport: p})
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if _, err := c.Call(t.Context(), tool.Call{Address: "p.a"}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if p.lists.Load() != 1 || p.calls.Load() != 50 {
		t.Errorf("got %d lists and %d calls, want 1 and 50", p.lists.Load(), p.calls.Load())
	}
}

func TestListingEndsWithItsCaller(t *testing.T) {
	t.Parallel()
	listing := make(chan struct{})
	stuck := make(chan struct{})
	c := catalog(t)
	c.Serve(tool.Server{Name: "p", Transport: slow{listing, stuck}})
	first := make(chan error)
	go func() {
		_, err := c.Call(context.WithoutCancel(t.Context()), tool.Call{Address: "p.a"})
		first <- err
	}()
	<-listing
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Call(ctx, tool.Call{Address: "p.a"}); code(err) != ordinaut.CodeToolCanceled {
		t.Errorf("got %v, want that whoever waits may leave", err)
	}
	close(stuck)
	if err := <-first; code(err) != ordinaut.CodeInternal {
		t.Errorf("got %v, want the error of the list", err)
	}
}

// slow is a server that says when it is asked, and answers when it may.
type slow struct{ listing, stuck chan struct{} }

func (s slow) Tools(context.Context) ([]ordinaut.Tool, error) {
	close(s.listing)
	<-s.stuck
	return nil, errors.New("broken")
}

func (s slow) Call(context.Context, tool.Call) (tool.Result, error) { return tool.Result{}, nil }

func TestAFingerprintChangesWithAnyWord(t *testing.T) {
	t.Parallel()
	const schema = `{"type": "object", "properties": {"a": {"type": "string", "default": "x"}, "b": {"enum": [1, 2]}}}`
	was := ordinaut.Tool{Address: "a.b", Title: "T", Description: "D", InputSchema: json.RawMessage(schema)}
	for i, change := range []func(*ordinaut.Tool){
		func(t *ordinaut.Tool) { t.Description = "D." },
		func(t *ordinaut.Tool) { t.Title = "t" },
		func(t *ordinaut.Tool) { t.ReadOnly = true },
		func(t *ordinaut.Tool) { t.Idempotent = true },
		func(t *ordinaut.Tool) { t.OutputSchema = json.RawMessage(`{}`) },
		func(t *ordinaut.Tool) { t.InputSchema = json.RawMessage(strings.Replace(schema, `"x"`, `"y"`, 1)) },
		func(t *ordinaut.Tool) {
			t.InputSchema = json.RawMessage(strings.Replace(schema, `[1, 2]`, `[1, 2, 3]`, 1))
		},
		func(t *ordinaut.Tool) {
			t.InputSchema = json.RawMessage(strings.Replace(schema, `"b"`, `"c": {}, "b"`, 1))
		},
	} {
		t.Run(fmt.Sprint("change ", i), func(t *testing.T) {
			t.Parallel()
			now := was
			change(&now)
			if tool.Fingerprint(now) == tool.Fingerprint(was) {
				t.Error("the fingerprint is the same")
			}
		})
	}
	now := was
	now.InputSchema = json.RawMessage(`{"properties":{"b":{"enum":[1,2]},"a":{"default":"x","type":"string"}},"type":"object"}`)
	now.Examples = []ordinaut.ToolExample{{}}
	now.OutputSchema = json.RawMessage(`null`)
	if tool.Fingerprint(now) != tool.Fingerprint(was) {
		t.Error("the fingerprint changed with the order of keys or with an example")
	}
}

func TestDriftIsToldOnlyOfWhatIsKnown(t *testing.T) {
	t.Parallel()
	p := offering("p.a", "p.b")
	c := catalog(t)
	c.Serve(tool.Server{Name: "p", Transport: p})
	if got := c.Drift("p.a", "x"); got != nil {
		t.Errorf("got %v of a server that was never reached, want nothing", got)
	}
	c.Look(t.Context())
	a, b := c.Fingerprint("p.a"), c.Fingerprint("p.b")
	if got := c.Drift("p.a", a); a == "" || got != nil {
		t.Errorf("got %v for %q, want nothing", got, a)
	}
	c.Learn(p, []ordinaut.Tool{{Address: "p.a", Description: "new"}})
	if got := c.Drift("p.a", a); got == nil || got.Code != ordinaut.CodeToolChanged {
		t.Errorf("got %v, want that it changed", got)
	}
	if got := c.Drift("p.b", b); got == nil || got.Code != ordinaut.CodeToolNotFound {
		t.Errorf("got %v, want that it is gone", got)
	}
}

func TestAServerMayStandBesideWhatIsAlwaysThere(t *testing.T) {
	t.Parallel()
	p := offering("debug.trace", "debug.log")
	c := catalog(t, shop{tool: ordinaut.Tool{Address: "debug.echo"}}, shop{tool: ordinaut.Tool{Address: "debug.log"}})
	c.Serve(tool.Server{Name: "debug", Transport: p, Known: p.tools, Beside: true})
	if diff := cmp.Diff([]string{"debug.echo", "debug.log", "debug.trace"}, addresses(c)); diff != "" {
		t.Errorf("list (-want +got):\n%s", diff)
	}
	if _, err := c.Call(t.Context(), tool.Call{Address: "debug.log"}); err != nil || p.calls.Load() != 1 {
		t.Errorf("got %v and %d calls, want the server's tool", err, p.calls.Load())
	}
}
