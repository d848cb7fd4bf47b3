// Package op describes operations. An operation is said once: its name, route,
// scope, effect, the types of its request and result, and the function that
// does it. The faces read HTTP routes, the OpenAPI document and the command line
// off that description, so that they cannot differ.
//
// Call is the only way to an operation. It guards and checks what was sent
// against the request's schema, checks the caller's scope, and fills the
// envelope under which the operation's writes are audited.
package op

import (
	"context"
	"encoding/json"
	"reflect"
	"strings"

	"github.com/ordinaut/ordinaut"
)

// Effect says what an operation does to the world, which decides how faces
// present it.
type Effect string

// The effects.
const (
	Read    Effect = "read"
	Write   Effect = "write"
	Destroy Effect = "destroy" // it cannot be undone
)

// Op is one operation.
type Op struct {
	Name    string // noun.verb, such as "task.create"
	Summary string // one line, imperative
	Details string // what else its users must know

	Method  string   // of HTTP
	Path    string   // of HTTP; {name} takes the request's field of that name
	Aliases []string // other "METHOD /path" with the same meaning
	Status  int      // of HTTP when it went well

	Command string   // on the command line, such as "tasks create"; "" is not there
	Args    []string // fields that the command takes by position
	Columns []string // of the result's items, shown in a table
	Whole   bool     // the result is what was asked for, so it is shown whole
	Lasts   string   // field with the seconds that the work may take; "" is none

	Scope  ordinaut.Scope
	Effect Effect

	// DryRun adds the field dry_run to the request. When it is true the Change says
	// so, and whoever writes is to leave out the write.
	DryRun bool
	// Partial makes every field optional and lets null stand for its default.
	Partial bool
	// Pure says that it needs no store: it may be called without a server.
	Pure bool
	// Later names fields that are known but whose behaviour is not there yet,
	// each with what can be done instead. They are refused unless they ask for
	// nothing.
	Later map[string]string

	Example json.RawMessage // a request that works

	request reflect.Type
	result  reflect.Type
	call    func(context.Context, any) (any, error)
	check   func(context.Context, any) error
}

// New describes an operation that fn does.
func New[Req, Res any](o Op, fn func(context.Context, Req) (Res, error)) Op {
	o.request, o.result = reflect.TypeFor[Req](), reflect.TypeFor[Res]()
	o.call = func(ctx context.Context, req any) (any, error) { return fn(ctx, *req.(*Req)) }
	return o
}

// Checked adds a check that finds what the schema cannot know. It runs when the
// schema has found faults, so that all of them are told at once; the operation
// itself checks anyway.
func Checked[Req any](o Op, check func(context.Context, Req) error) Op {
	o.check = func(ctx context.Context, req any) error { return check(ctx, *req.(*Req)) }
	return o
}

// Request is the type of what the operation takes.
func (o *Op) Request() reflect.Type { return o.request }

// Result is the type of what the operation gives.
func (o *Op) Result() reflect.Type { return o.result }

// Noun is the first half of the name.
func (o *Op) Noun() string {
	noun, _, _ := strings.Cut(o.Name, ".")
	return noun
}

// HasBody says whether the request's fields travel in a body.
func (o *Op) HasBody() bool { return o.Method != "GET" && o.Method != "DELETE" }

// PathFields are the request's fields that stand in the path.
func (o *Op) PathFields() []string {
	var fields []string
	for part := range strings.SplitSeq(o.Path, "/") {
		if strings.HasPrefix(part, "{") {
			fields = append(fields, strings.Trim(part, "{}"))
		}
	}
	return fields
}

// Nothing is the request of an operation that needs nothing.
type Nothing struct{}

// Defaulter is a request whose zero value is not its default.
type Defaulter interface{ SetDefaults() }

// Keeper is a request that also needs to know which fields were sent.
type Keeper interface {
	KeepSent(fields map[string]json.RawMessage)
}
