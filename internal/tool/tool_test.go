package tool_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/internal/schema"
	"github.com/ordinaut/ordinaut/internal/tool"
)

// shop is a transport with one tool, which does what it is told.
type shop struct {
	tool ordinaut.Tool
	err  error
	work func(ctx context.Context, c tool.Call) (string, error)
}

func (s shop) Tools(context.Context) ([]ordinaut.Tool, error) {
	return []ordinaut.Tool{s.tool}, s.err
}

func (s shop) Call(ctx context.Context, c tool.Call) (tool.Result, error) {
	output, err := s.work(ctx, c)
	return tool.Result{Output: json.RawMessage(output)}, err
}

// mailer is a tool that takes a recipient and answers with an id.
func mailer() ordinaut.Tool {
	return ordinaut.Tool{
		Address:      "mail.send",
		InputSchema:  json.RawMessage(`{"type": "object", "properties": {"to": {"type": "string"}, "urgent": {"type": "boolean"}}, "required": ["to"], "additionalProperties": false}`),
		OutputSchema: json.RawMessage(`{"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"]}`),
		Examples:     []ordinaut.ToolExample{{Input: json.RawMessage(`{"to": "a@example.com"}`)}},
	}
}

func catalog(t *testing.T, transports ...tool.Transport) *tool.Catalog {
	t.Helper()
	c, err := tool.New(t.Context(), transports...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// answering is a catalog of the one tool, which always answers the same.
func answering(t *testing.T, output string, err error) *tool.Catalog {
	t.Helper()
	return catalog(t, shop{tool: mailer(), work: func(context.Context, tool.Call) (string, error) { return output, err }})
}

func failure(t *testing.T, err error) *tool.Failure {
	t.Helper()
	var f *tool.Failure
	if !errors.As(err, &f) {
		t.Fatalf("got %v, want a failure", err)
	}
	return f
}

func TestTheCatalogListsAndFindsTools(t *testing.T) {
	t.Parallel()
	c := catalog(t, shop{tool: ordinaut.Tool{Address: "b.two"}}, shop{tool: ordinaut.Tool{Address: "a.one.more"}})
	var addresses []string
	for _, listed := range c.List() {
		addresses = append(addresses, listed.Address)
	}
	if diff := cmp.Diff([]string{"a.one.more", "b.two"}, addresses); diff != "" {
		t.Errorf("list (-want +got):\n%s", diff)
	}
	if found, err := c.Find("b.two"); err != nil || found.Address != "b.two" {
		t.Errorf("got %v, %v; want the tool", found, err)
	}
	_, err := c.Find("b.tow")
	if e := ordinaut.AsError(err); e.Code != ordinaut.CodeToolNotFound || e.Fix != "did you mean b.two?" {
		t.Errorf("got %v, want the nearest", err)
	}
}

func TestNewRefusesToolsThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		from []tool.Transport
		want string
	}{
		{"a transport that cannot list", []tool.Transport{shop{err: errors.New("gone")}}, "list tools: gone"},
		{"an address without a server", []tool.Transport{shop{tool: ordinaut.Tool{Address: "send"}}}, "add tool send: the address is not of the form server.tool"},
		{"an address with a space", []tool.Transport{shop{tool: ordinaut.Tool{Address: "mail.send it"}}}, "server.tool"},
		{"an address twice", []tool.Transport{shop{tool: mailer()}, shop{tool: mailer()}}, "add tool mail.send: the address is taken"},
		{"a broken input schema", []tool.Transport{shop{tool: ordinaut.Tool{Address: "a.b", InputSchema: json.RawMessage(`{"$ref": "#"}`)}}}, "tool.invalid_schema: the input schema: "},
		{"a broken output schema", []tool.Transport{shop{tool: ordinaut.Tool{Address: "a.b", OutputSchema: json.RawMessage(`{"type": 1}`)}}}, "tool.invalid_schema: the output schema: "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if _, err := tool.New(t.Context(), tt.from...); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestCheckInputSpeaksOfTheTool(t *testing.T) {
	t.Parallel()
	c := answering(t, "", nil)
	got := c.CheckInput("mail.send", map[string]any{"too": schema.Unknown{}})
	var lines []string
	for _, f := range got {
		lines = append(lines, fmt.Sprintf("%s %s: %s; %s %v", f.Code, f.At, f.Message, f.Fix, f.Examples))
	}
	want := []string{
		`tool.invalid_input /to: mail.send: to is missing; add to, a string [{"to": "a@example.com"}]`,
		`tool.invalid_input /too: mail.send: too is not accepted here; did you mean to? [{"to": "a@example.com"}]`,
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
	if got := c.CheckInput("no.tool", nil); got != nil {
		t.Errorf("got %v for a tool that does not exist, want nothing", got)
	}
}

func TestCallGivesTheToolWhatItNeeds(t *testing.T) {
	t.Parallel()
	var got tool.Call
	c := catalog(t, shop{tool: ordinaut.Tool{Address: "a.b"}, work: func(_ context.Context, c tool.Call) (string, error) {
		c.Log("a log is always there")
		got, got.Log = c, nil
		return "", nil
	}})
	result, err := c.Call(t.Context(), tool.Call{Address: "a.b", IdempotencyKey: "r/s", RunID: "r", Step: "s", Attempt: 2})
	if err != nil {
		t.Fatal(err)
	}
	want := tool.Call{Address: "a.b", Args: json.RawMessage(`{}`), IdempotencyKey: "r/s", RunID: "r", Step: "s", Attempt: 2}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("call (-want +got):\n%s", diff)
	}
	if got := string(result.Output); got != "null" {
		t.Errorf("got output %s of a tool that gives none, want null", got)
	}
}

func TestCallChecksTheArguments(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, args, at, message string
		faults                  int
	}{
		{"one fault", `{"to": 5}`, "/to", "mail.send: to must be a string, not a number", 0},
		{"several faults in one error", `{"urgent": 1, "ot": 2}`, "/ot", "mail.send: ot is not accepted here; mail.send: to is missing; mail.send: urgent must be a boolean, not a number", 3},
		{"what is no JSON", `{"to": }`, "/to", "mail.send: a value is expected, not '}' (line 1, column 8)", 0},
		{"a key twice", `{"to": "a", "to": "b"}`, "/to", `mail.send: the key "to" stands twice in one object (line 1, column 13)`, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := catalog(t, shop{tool: mailer(), work: func(context.Context, tool.Call) (string, error) {
				t.Error("the tool was called")
				return "", nil
			}})
			_, err := c.Call(t.Context(), tool.Call{Address: "mail.send", Args: json.RawMessage(tt.args)})
			f := failure(t, err)
			want := ordinaut.Failure{Class: ordinaut.ClassInvalidInput, Code: ordinaut.CodeToolInput, Step: "s", At: tt.at, Message: tt.message, Fix: f.Err.Fix}
			if diff := cmp.Diff(want, f.Record("s")); diff != "" {
				t.Errorf("failure (-want +got):\n%s", diff)
			}
			if len(f.Err.Faults) != tt.faults || f.Err.Fix == "" || len(f.Err.Examples) == 0 {
				t.Errorf("got %+v, want %d faults, a fix and an example", f.Err, tt.faults)
			}
		})
	}
}

func TestManyFaultsAreCutShort(t *testing.T) {
	t.Parallel()
	_, err := answering(t, "", nil).Call(t.Context(), tool.Call{Address: "mail.send", Args: json.RawMessage(`{"to": "", "a1": 0, "a2": 0, "a3": 0, "a4": 0, "a5": 0, "a6": 0, "a7": 0}`)})
	if f := failure(t, err); !strings.HasSuffix(f.Err.Message, "; and 2 more") || len(f.Err.Faults) != 7 {
		t.Errorf("got %+v, want 5 of 7 faults told", f.Err)
	}
}

func TestCallChecksTheOutput(t *testing.T) {
	t.Parallel()
	large := func(n int) string {
		return `{"id": 1, "x": "` + strings.Repeat("x", n-len(`{"id": 1, "x": ""}`)) + `"}`
	}
	tests := []struct {
		name, output string
		code         ordinaut.Code
		at           string
	}{
		{"an answer that fits", `{"id": 1}`, "", ""},
		{"an answer that does not fit", `{"id": "1"}`, ordinaut.CodeToolOutput, "/id"},
		{"no answer", ``, ordinaut.CodeToolOutput, ""},
		{"an answer that is no JSON", `{"id": NaN}`, ordinaut.CodeToolOutput, "/id"},
		{"an answer with a number that no float64 holds", `{"id": 1e999}`, ordinaut.CodeToolOutput, "/id"},
		{"an answer as large as is kept", large(limits.StepOutputBytes), "", ""},
		{"an answer one byte larger", large(limits.StepOutputBytes + 1), ordinaut.CodeOutputTooLarge, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			result, err := answering(t, tt.output, nil).Call(t.Context(), tool.Call{Address: "mail.send", Args: json.RawMessage(`{"to": "a"}`)})
			if tt.code == "" {
				if err != nil || string(result.Output) != tt.output {
					t.Errorf("got %.80s, %v; want the answer", result.Output, err)
				}
				return
			}
			f := failure(t, err)
			if f.Class != ordinaut.ClassInvalidOutput || f.Err.Code != tt.code || f.Err.At != tt.at || f.Err.Fix == "" {
				t.Errorf("got %s %+v, want %s at %q", f.Class, f.Err, tt.code, tt.at)
			}
		})
	}
}

func TestFailuresHaveAClass(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		err   error
		class ordinaut.Class
		code  ordinaut.Code
	}{
		{"the tool says which", fmt.Errorf("send: %w", &tool.Failure{Class: ordinaut.ClassUnavailable, Err: &ordinaut.Error{Code: ordinaut.CodeToolFailed}}), ordinaut.ClassUnavailable, ordinaut.CodeToolFailed},
		{"the tool said no", &ordinaut.Error{Code: ordinaut.CodeToolFailed}, ordinaut.ClassToolError, ordinaut.CodeToolFailed},
		{"arguments that only the tool can check", &ordinaut.Error{Code: ordinaut.CodeExprSyntax}, ordinaut.ClassInvalidInput, ordinaut.CodeExprSyntax},
		{"an answer that the transport refuses", &ordinaut.Error{Code: ordinaut.CodeOutputTooLarge}, ordinaut.ClassInvalidOutput, ordinaut.CodeOutputTooLarge},
		{"a transport with its own deadline", &ordinaut.Error{Code: ordinaut.CodeToolTimeout}, ordinaut.ClassTimeout, ordinaut.CodeToolTimeout},
		{"a transport that was told to stop", &ordinaut.Error{Code: ordinaut.CodeToolCanceled}, ordinaut.ClassCanceled, ordinaut.CodeToolCanceled},
		{"not now", &ordinaut.Error{Code: ordinaut.CodeUnavailable}, ordinaut.ClassUnavailable, ordinaut.CodeUnavailable},
		{"asked too often", &ordinaut.Error{Code: ordinaut.CodeEgressTooMany}, ordinaut.ClassRateLimited, ordinaut.CodeEgressTooMany},
		{"not allowed", &ordinaut.Error{Code: ordinaut.CodeEgressDenied}, ordinaut.ClassDenied, ordinaut.CodeEgressDenied},
		{"more than is read", &ordinaut.Error{Code: ordinaut.CodeEgressTooLarge}, ordinaut.ClassInvalidOutput, ordinaut.CodeEgressTooLarge},
		{"our fault", &ordinaut.Error{Code: ordinaut.CodeInternal}, ordinaut.ClassInternal, ordinaut.CodeInternal},
		{"it is not there", &ordinaut.Error{Code: ordinaut.CodeTaskNotFound}, ordinaut.ClassToolError, ordinaut.CodeTaskNotFound},
		{"anything else", errors.New("boom"), ordinaut.ClassInternal, ordinaut.CodeInternal},
		{"a deadline inside the tool", context.DeadlineExceeded, ordinaut.ClassTimeout, ordinaut.CodeToolTimeout},
		{"a lost connection", context.Canceled, ordinaut.ClassUnavailable, ordinaut.CodeUnavailable},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := answering(t, "", tt.err).Call(t.Context(), tool.Call{Address: "mail.send", Args: json.RawMessage(`{"to": "a"}`)})
			f := failure(t, err)
			if f.Class != tt.class || f.Err.Code != tt.code {
				t.Errorf("got %s %s, want %s %s", f.Class, f.Err.Code, tt.class, tt.code)
			}
			if f.Error() == "" || !errors.Is(f, &ordinaut.Error{Code: tt.code}) {
				t.Errorf("got %v, want an error that carries its code", f)
			}
		})
	}
}

func TestAnUnknownToolIsNotFound(t *testing.T) {
	t.Parallel()
	for address, fix := range map[string]string{"mail.sned": "did you mean mail.send?", "x.y": "list the tools and use an address from there", "mail.receive": "use a tool that mail has"} {
		t.Run(address, func(t *testing.T) {
			t.Parallel()
			_, err := answering(t, "", nil).Call(t.Context(), tool.Call{Address: address})
			if f := failure(t, err); f.Class != ordinaut.ClassInvalidInput || f.Err.Code != ordinaut.CodeToolNotFound || f.Err.Fix != fix {
				t.Errorf("got %s %+v, want the fix %q", f.Class, f.Err, fix)
			}
		})
	}
}

func TestAPanicFailsOnlyItsCall(t *testing.T) {
	t.Parallel()
	c := catalog(t, shop{tool: ordinaut.Tool{Address: "a.b"}, work: func(_ context.Context, c tool.Call) (string, error) {
		if c.Attempt == 1 {
			panic("secret")
		}
		return "1", nil
	}})
	_, err := c.Call(t.Context(), tool.Call{Address: "a.b", Attempt: 1})
	f := failure(t, err)
	if f.Class != ordinaut.ClassInternal || strings.Contains(f.Error(), "secret") || !strings.Contains(f.Err.Err.Error(), "panic: secret") {
		t.Errorf("got %s %v, want an internal failure whose cause is for the log only", f.Class, f)
	}
	if _, err := c.Call(t.Context(), tool.Call{Address: "a.b", Attempt: 2}); err != nil {
		t.Errorf("the next call: got %v, want nil", err)
	}
}

func TestTheEndOfTheContextIsTheReason(t *testing.T) {
	t.Parallel()
	waiting := func(err error) func(ctx context.Context, c tool.Call) (string, error) {
		return func(ctx context.Context, _ tool.Call) (string, error) {
			<-ctx.Done()
			if err != nil {
				return "", err
			}
			return "", fmt.Errorf("wait: %w", ctx.Err())
		}
	}
	tests := []struct {
		name   string
		work   func(ctx context.Context, c tool.Call) (string, error)
		cancel bool // rather than wait for the deadline
		class  ordinaut.Class
		code   ordinaut.Code
	}{
		{"the deadline passes", waiting(nil), false, ordinaut.ClassTimeout, ordinaut.CodeToolTimeout},
		{"the deadline passes, and the tool gives another reason", waiting(errors.New("connection closed")), false, ordinaut.ClassTimeout, ordinaut.CodeToolTimeout},
		{"the tool said no before the deadline passed", waiting(&ordinaut.Error{Code: ordinaut.CodeToolFailed}), false, ordinaut.ClassToolError, ordinaut.CodeToolFailed},
		{"the run is canceled", waiting(nil), true, ordinaut.ClassCanceled, ordinaut.CodeToolCanceled},
		{"the run was canceled before", func(context.Context, tool.Call) (string, error) { return "1", nil }, true, ordinaut.ClassCanceled, ordinaut.CodeToolCanceled},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := catalog(t, shop{tool: ordinaut.Tool{Address: "a.b"}, work: tt.work})
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				defer cancel()
				if tt.cancel {
					cancel()
				}
				_, err := c.Call(ctx, tool.Call{Address: "a.b"})
				if f := failure(t, err); f.Class != tt.class || f.Err.Code != tt.code {
					t.Errorf("got %s %s, want %s %s", f.Class, f.Err.Code, tt.class, tt.code)
				}
			})
		})
	}
}
