package ordinaut_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ordinaut/ordinaut"
)

func TestErrorsTellsEveryFaultAtOnce(t *testing.T) {
	t.Parallel()
	var faults ordinaut.Errors
	if err := faults.Err(); err != nil {
		t.Fatalf("no faults make %v, want nil", err)
	}
	one := &ordinaut.Error{Code: ordinaut.CodeFieldRequired, At: "/title", Message: "a title is needed"}
	faults.Add(nil)
	faults.Add(one)
	if err := faults.Err(); err != error(one) {
		t.Errorf("one fault makes %v, want itself", err)
	}
	faults.Add(&ordinaut.Error{Code: ordinaut.CodeRequestInvalid, Faults: []*ordinaut.Error{
		{Code: ordinaut.CodeFieldType, At: "/a"}, {Code: ordinaut.CodeFieldType, At: "/b"},
	}})
	whole := ordinaut.AsError(faults.Err())
	var places []string
	for _, f := range whole.All() {
		places = append(places, f.At)
	}
	if diff := cmp.Diff([]string{"/title", "/a", "/b"}, places); diff != "" {
		t.Errorf("places (-want +got):\n%s", diff)
	}
	if whole.Kind() != ordinaut.KindInvalid {
		t.Errorf("kind is %s, want %s", whole.Kind(), ordinaut.KindInvalid)
	}
}

func TestErrorsMoveWithThePartTheyAreIn(t *testing.T) {
	t.Parallel()
	e := &ordinaut.Error{At: "/pipeline/0", Faults: []*ordinaut.Error{{At: "/pipeline/0/uses"}}}
	moved := e.Under("/payload")
	if moved.At != "/payload/pipeline/0" || moved.Faults[0].At != "/payload/pipeline/0/uses" {
		t.Errorf("got %q and %q", moved.At, moved.Faults[0].At)
	}
	if e.At != "/pipeline/0" || e.Faults[0].At != "/pipeline/0/uses" {
		t.Error("the error that was given has changed")
	}
	if got := e.Moved("/task").At; got != "/task" {
		t.Errorf("moved to %q, want /task", got)
	}
}

func TestAsErrorHidesCauses(t *testing.T) {
	t.Parallel()
	cause := errors.New("disk I/O error in /var/lib/secret.db")
	e := ordinaut.AsError(fmt.Errorf("insert task: %w", cause))
	if e.Code != ordinaut.CodeInternal || !errors.Is(e, cause) {
		t.Errorf("got %v, want an internal error that wraps the cause", e)
	}
	if cmp.Equal(e.Message, cause.Error()) {
		t.Errorf("the message %q shows the cause", e.Message)
	}
	known := &ordinaut.Error{Code: ordinaut.CodeTaskNotFound, Message: "there is no task"}
	if got := ordinaut.AsError(fmt.Errorf("get: %w", known)); got != known {
		t.Errorf("got %v, want the error inside", got)
	}
	if !errors.Is(known, &ordinaut.Error{Code: ordinaut.CodeTaskNotFound}) {
		t.Error("an error is not recognised by its code")
	}
}

func TestErrorTextHasPlaceAndMend(t *testing.T) {
	t.Parallel()
	e := &ordinaut.Error{
		Code: ordinaut.CodeScheduleTimezone, At: "/timezone",
		Message: `there is no time zone "Mars/Base"`, Fix: "use an IANA name",
	}
	want := `schedule.unknown_timezone: there is no time zone "Mars/Base" (at /timezone); use an IANA name`
	if got := e.Error(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestOnlyPassingFaultsAreRetryable(t *testing.T) {
	t.Parallel()
	for _, info := range ordinaut.Codes() {
		e := &ordinaut.Error{Code: info.Code}
		want := info.Kind == ordinaut.KindUnavailable || info.Kind == ordinaut.KindTooMany
		if e.Retryable() != want {
			t.Errorf("%s: retryable is %v, want %v", info.Code, e.Retryable(), want)
		}
	}
	if got := ordinaut.Code("nobody.knows").Kind(); got != ordinaut.KindInternal {
		t.Errorf("an unregistered code is %s, want internal", got)
	}
}
