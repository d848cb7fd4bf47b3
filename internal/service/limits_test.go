package service_test

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/internal/service"
	"github.com/ordinaut/ordinaut/ordinauttest"
)

// TestTheSchemaSaysTheLimits compares the bounds in the schema, which are tags
// and cannot refer to constants, with the table of limits.
func TestTheSchemaSaysTheLimits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		of         any
		field, tag string
		want       int
	}{
		{ordinaut.Definition{}, "Title", "maxLength", limits.TitleChars},
		{ordinaut.Definition{}, "Description", "maxLength", limits.DescriptionChars},
		{ordinaut.Definition{}, "JitterSeconds", "maximum", limits.JitterSeconds},
		{ordinaut.Definition{}, "MaxRetries", "maximum", limits.Retries},
		{ordinaut.Definition{}, "TimeoutSeconds", "maximum", int(limits.RunTimeoutMax / time.Second)},
		{ordinaut.Definition{}, "ConcurrencyKey", "maxLength", limits.ConcurrencyKeyChars},
		{ordinaut.Definition{}, "ConcurrencyLimit", "maximum", limits.ConcurrencySlots},
		{ordinaut.Definition{}, "DedupeKey", "maxLength", limits.DedupeKeyChars},
		{ordinaut.Definition{}, "DedupeWindowSeconds", "maximum", int(limits.DedupeWindow / time.Second)},
		{service.ListTasks{}, "Limit", "maximum", limits.PageMax},
		{service.ListRuns{}, "Limit", "maximum", limits.PageMax},
		{service.TaskFires{}, "Limit", "maximum", limits.PageMax},
		{service.PreviewSchedule{}, "Count", "maximum", limits.PreviewMax},
	} {
		field, ok := reflect.TypeOf(c.of).FieldByName(c.field)
		if got, err := strconv.Atoi(field.Tag.Get(c.tag)); !ok || err != nil || got != c.want {
			t.Errorf("%T.%s: %s is %d, want %d (%v)", c.of, c.field, c.tag, got, c.want, err)
		}
	}
	d := ordinaut.NewDefinition()
	if d.MaxRetries != limits.RetriesDefault || d.TimeoutSeconds != int(limits.RunTimeout/time.Second) || d.CatchUpWindowSeconds != limits.CatchUpWindowSeconds {
		t.Errorf("the defaults are %+v", d)
	}
}

func TestBoundsHoldAtTheLimitAndOnePast(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		title := func(n int) string { return hello(fmt.Sprintf(`"title": %q`, strings.Repeat("x", n))) }
		w.Do("task.create", title(limits.TitleChars))
		refused(t, w, "task.create", title(limits.TitleChars+1), ordinaut.CodeFieldValue)

		w.Do("task.create", hello(`"key": "greeting"`))
		params := func(n int) string {
			return fmt.Sprintf(`{"task": "greeting", "params": {"x": %q}}`, strings.Repeat("x", n-len(`{"x":""}`)))
		}
		w.Do("task.run", params(limits.ParamsBytes))
		refused(t, w, "task.run", params(limits.ParamsBytes+1), ordinaut.CodeFieldValue)

		w.Do("task.create", hello(fmt.Sprintf(`"concurrency_key": %q, "concurrency_limit": %d`, strings.Repeat("k", limits.ConcurrencyKeyChars), limits.ConcurrencySlots)))
		refused(t, w, "task.create", hello(fmt.Sprintf(`"concurrency_key": %q`, strings.Repeat("k", limits.ConcurrencyKeyChars+1))), ordinaut.CodeFieldValue)
		refused(t, w, "task.create", hello(fmt.Sprintf(`"concurrency_key": "k", "concurrency_limit": %d`, limits.ConcurrencySlots+1)), ordinaut.CodeFieldValue)

		window := int(limits.DedupeWindow / time.Second)
		w.Do("task.create", hello(fmt.Sprintf(`"dedupe_key": %q, "dedupe_window_seconds": %d`, strings.Repeat("k", limits.DedupeKeyChars), window)))
		refused(t, w, "task.create", hello(fmt.Sprintf(`"dedupe_key": %q`, strings.Repeat("k", limits.DedupeKeyChars+1))), ordinaut.CodeFieldValue)
		refused(t, w, "task.create", hello(fmt.Sprintf(`"dedupe_key": "k", "dedupe_window_seconds": %d`, window+1)), ordinaut.CodeFieldValue)

		labels := func(n int) string {
			var b strings.Builder
			for i := range n {
				fmt.Fprintf(&b, `,"l%d": ""`, i)
			}
			return hello(`"labels": {` + b.String()[1:] + `}`)
		}
		w.Do("task.create", labels(limits.Labels))
		refused(t, w, "task.create", labels(limits.Labels+1), ordinaut.CodeFieldValue)
	})
}

func TestAnAgentHasOnlySoManyTasks(t *testing.T) {
	live(t, func(t *testing.T, w *ordinauttest.World) {
		for range limits.TasksPerAgent {
			w.Do("task.create", hello(""))
		}
		refused(t, w, "task.create", hello(""), ordinaut.CodeTaskLimit)
		w.Do("task.cancel", `{"task": "say-hello"}`)
		w.Do("task.create", hello(""))
	})
}
