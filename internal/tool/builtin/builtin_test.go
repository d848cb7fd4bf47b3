package builtin_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/schema"
	"github.com/ordinaut/ordinaut/internal/tool"
	"github.com/ordinaut/ordinaut/internal/tool/builtin"
)

func catalog(t *testing.T) *tool.Catalog {
	t.Helper()
	c, err := tool.New(t.Context(), builtin.Tools(builtin.Options{Client: &http.Client{Transport: exampleSite{}}})...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func decode(t *testing.T, data []byte) any {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("decode %s: %v", data, err)
	}
	return v
}

// call calls a tool through the catalog, as a step does.
func call(t *testing.T, address, args string) (output string, log []string, err error) {
	t.Helper()
	result, err := catalog(t).Call(t.Context(), tool.Call{
		Address: address,
		Args:    json.RawMessage(args),
		RunID:   "0199a1c2-7b4e-7c3a-9d2f-3f1e5a6b7c8d",
		Log:     func(line string) { log = append(log, line) },
	})
	return string(result.Output), log, err
}

func TestEachToolIsDescribed(t *testing.T) {
	t.Parallel()
	for _, b := range catalog(t).List() {
		t.Run(b.Address, func(t *testing.T) {
			t.Parallel()
			if b.Title == "" || b.Description == "" || len(b.InputSchema) == 0 || len(b.OutputSchema) == 0 || len(b.Examples) == 0 {
				t.Errorf("got %+v, want title, description, both schemas and an example", b)
			}
		})
	}
}

func TestEachExampleIsTrue(t *testing.T) {
	t.Parallel()
	fits := func(t *testing.T, raw, value []byte) {
		t.Helper()
		s, err := schema.Compile(raw)
		if err != nil {
			t.Fatal(err)
		}
		if faults := s.Validate(decode(t, value)); len(faults) > 0 {
			t.Errorf("%s does not fit: %v", value, faults.Err())
		}
	}
	for _, b := range catalog(t).List() {
		for _, example := range b.Examples {
			t.Run(b.Address, func(t *testing.T) {
				t.Parallel()
				fits(t, b.InputSchema, example.Input)
				got, _, err := call(t, b.Address, string(example.Input))
				if example.Output == nil {
					if err == nil {
						t.Errorf("got %s, want an error", got)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				fits(t, b.OutputSchema, example.Output)
				if diff := cmp.Diff(decode(t, example.Output), decode(t, []byte(got))); diff != "" {
					t.Errorf("output (-want +got):\n%s", diff)
				}
			})
		}
	}
}

func TestToolsAnswer(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, address, args, want string }{
		{"echo without arguments", "debug.echo", ``, `{}`},
		{"echo keeps numbers and text as they are", "debug.echo", `{"n":12345678901234567890,"a<b":"&"}`, `{"n":12345678901234567890,"a<b":"&"}`},
		{"log takes any message", "debug.log", `{"message":{"a":[1.50]}}`, `{"line":"INFO {\"a\":[1.50]}","logged":true}`},
		{"transform reads input", "data.transform", `{"input":{"a":{"b":7}},"expression":"a.b"}`, `7`},
		{"transform reads data", "data.transform", `{"data":[3,1,2],"expression":"max(@)"}`, `3`},
		{"transform finds nothing", "data.transform", `{"input":{},"expression":"a"}`, `null`},
		{"transform of null", "data.transform", `{"input":null,"expression":"@"}`, `null`},
		{"transform of false", "data.transform", `{"input":false,"expression":"@"}`, `false`},
		{"render without places", "text.render", `{"template":"plain"}`, `{"text":"plain"}`},
		{"render of one whole place", "text.render", `{"template":"${x}","values":{"x":{"a":1}}}`, `{"text":"{\"a\":1}"}`},
		{"render of an escaped place", "text.render", `{"template":"$${x}"}`, `{"text":"${x}"}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, _, err := call(t, tt.address, tt.args)
			if err != nil {
				t.Fatal(err)
			}
			if got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestLogWritesToTheRun(t *testing.T) {
	t.Parallel()
	_, got, err := call(t, "debug.log", `{"message": "five left", "level": "debug", "data": [5]}`)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"DEBUG five left [5]"}, got); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
}

func TestToolsFail(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, address, args string
		class               ordinaut.Class
		code                ordinaut.Code
		at                  string
	}{
		{"log without a message", "debug.log", `{}`, ordinaut.ClassInvalidInput, ordinaut.CodeToolInput, "/message"},
		{"transform by a broken expression", "data.transform", `{"input":{},"expression":"a["}`, ordinaut.ClassInvalidInput, ordinaut.CodeExprSyntax, "/expression"},
		{"transform that cannot be done", "data.transform", `{"input":{},"expression":"sum('x')"}`, ordinaut.ClassInvalidInput, ordinaut.CodeExprType, "/expression"},
		{"transform of nothing", "data.transform", `{"expression":"a"}`, ordinaut.ClassInvalidInput, ordinaut.CodeToolInput, "/input"},
		{"render of a broken template", "text.render", `{"template":"${"}`, ordinaut.ClassInvalidInput, ordinaut.CodeExprSyntax, "/template"},
		{"render of a missing value", "text.render", `{"template":"${nam}","values":{"name":1}}`, ordinaut.ClassInvalidInput, ordinaut.CodeExprRoot, "/template"},
		{"render of nothing", "text.render", `{"template":"${name}","values":{"name":null}}`, ordinaut.ClassInvalidInput, ordinaut.CodeExprNull, "/template"},
		{"fail", "flow.fail", `{"message":"no"}`, ordinaut.ClassToolError, ordinaut.CodeToolFailed, ""},
		{"fail for good", "flow.fail", `{"message":"no","class":"invalid_input"}`, ordinaut.ClassInvalidInput, ordinaut.CodeToolFailed, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, _, err := call(t, tt.address, tt.args)
			var f *tool.Failure
			if !errors.As(err, &f) {
				t.Fatalf("got %v, want a failure", err)
			}
			got := f.Record("s")
			want := ordinaut.Failure{Class: tt.class, Code: tt.code, Step: "s", At: tt.at, Message: got.Message, Fix: got.Fix}
			if diff := cmp.Diff(want, got); diff != "" || got.Message == "" || got.Fix == "" {
				t.Errorf("failure (-want +got):\n%s", diff)
			}
		})
	}
}

func TestToolsThatHaveARunWaitAreNotCalled(t *testing.T) {
	t.Parallel()
	for address, args := range map[string]string{
		"system.sleep": `{"seconds": 0}`, "policy.quiet_hours_gate": `{"from": "22:00", "to": "07:00"}`, "orchestrator.request_approval": `{"message": "Send?"}`,
	} {
		_, _, err := call(t, address, args)
		if e := ordinaut.AsError(err); e.Code != ordinaut.CodeToolInput || e.Message != address+" has a run wait, so it works only as a step of a pipeline" {
			t.Errorf("%s: got %v", address, err)
		}
	}
}
